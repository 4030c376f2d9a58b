package main

import (
	"fmt"
	"io"
	"net"
)

// warnExposed says once that prism can be reached from other machines while a night runs; its API offers no other address.
func warnExposed(w io.Writer, runner string) {
	if runner == "prism" && reachable() {
		fmt.Fprintln(w, "segue: while it runs, Beam's prism listens on all interfaces of this host without authentication; where strangers can reach it, use --runner direct")
	}
}

// reachable reports whether the host has an address beyond loopback.
func reachable() bool {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return true
	}
	for _, a := range addresses {
		if ip, ok := a.(*net.IPNet); ok && !ip.IP.IsLoopback() {
			return true
		}
	}
	return false
}
