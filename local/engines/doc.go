// Package engines holds what starts execution engines for tests on one machine.
//
//	requirements.txt  Beam's Python job service, a second portable runner (make test-portable)
package engines
