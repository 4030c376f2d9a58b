package sgns

import (
	"fmt"
	"syscall"
	"testing"
)

// cpuSeconds returns user and system seconds of the process so far.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// Entries trained a CPU-second on a catalogue that does not fit the cache of a core.
func BenchmarkTrain(b *testing.B) {
	in, _ := planted(100_000, 100_000, 1)
	for _, dim := range []int{64, 128} {
		for _, racing := range []bool{false, true} {
			p := Default()
			p.Dim, p.Epochs, in.Racing = dim, 1, racing
			b.Run(fmt.Sprintf("dim=%d/racing=%v", dim, racing), func(b *testing.B) {
				b.ReportAllocs()
				start := cpuSeconds()
				for b.Loop() {
					if _, err := Train(b.Context(), in, p); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N*len(in.Playlists.Items))/(cpuSeconds()-start), "entries/cpu-s")
			})
		}
	}
}
