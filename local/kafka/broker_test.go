package kafka

import (
	"net"
	"testing"
)

// The broker listens on this machine alone, and a second one on its port is refused.
func TestStart(t *testing.T) {
	b, err := Start(Options{Dir: t.TempDir(), Topics: map[string]int32{"plays": 2}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	at, err := net.ResolveTCPAddr("tcp", b.Address)
	if err != nil || !at.IP.IsLoopback() {
		t.Fatalf("listens at %s, error %v: not loopback", b.Address, err)
	}
	if second, err := Start(Options{Port: at.Port}); err == nil {
		second.Close()
		t.Error("two brokers on one port")
	}
}
