package clean

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"segue/schemas"
	"segue/transforms/io/work"
)

// tally counts the records of one kind.
type tally struct {
	In, Out, Later, Cut, Dropped int64
	NoCountry                    int64            `json:",omitempty"` // with a country that is no ISO code
	Rejected                     map[string]int64 // by reason
	Devices                      map[string]int64 `json:",omitempty"` // plays on devices of no known class, by what the input calls them
}

func (t *tally) reject(reason string, n int64) {
	if n == 0 {
		return
	}
	if t.Rejected == nil {
		t.Rejected = map[string]int64{}
	}
	t.Rejected[reason] += n
}

// maxDevices bounds the device names a part lists, maxDeviceName their bytes: inputs may be full of made-up ones.
const (
	maxDevices    = 200
	maxDeviceName = 40
	otherDevices  = "(more)"
)

// otherDevice counts a play on a device of no known class.
func (t *tally) otherDevice(name string, n int64) {
	if t.Devices == nil {
		t.Devices = map[string]int64{}
	}
	if _, met := t.Devices[name]; !met {
		if name = strings.Clone(name); len(t.Devices) >= maxDevices {
			name = otherDevices
		}
	}
	t.Devices[name] += n
}

func (t *tally) add(o tally) {
	t.In, t.Out, t.Later, t.Cut, t.Dropped = t.In+o.In, t.Out+o.Out, t.Later+o.Later, t.Cut+o.Cut, t.Dropped+o.Dropped
	t.NoCountry += o.NoCountry
	for reason, n := range o.Rejected {
		t.reject(reason, n)
	}
	for _, name := range slices.Sorted(maps.Keys(o.Devices)) {
		t.otherDevice(name, o.Devices[name])
	}
}

func (t *tally) rejected() (n int64) {
	for _, c := range t.Rejected {
		n += c
	}
	return n
}

// bad counts the rejected records that say something of the quality of the input.
func (t *tally) bad() int64 {
	return t.rejected() - t.Rejected[schemas.ReasonDuplicateEvent] - t.Rejected[schemas.ReasonDuplicateID]
}

// books are the tallies of a night by kind.
type books struct {
	kinds    map[string]*tally
	imported int64 // rejected at import
}

func newBooks() books { return books{kinds: map[string]*tally{}} }

func (b *books) add(kind string, t tally) {
	if b.kinds[kind] == nil {
		b.kinds[kind] = &tally{}
	}
	b.kinds[kind].add(t)
}

// balance checks that every record of every kind is accounted for.
func (b *books) balance() error {
	for _, kind := range slices.Sorted(maps.Keys(b.kinds)) {
		t := b.kinds[kind]
		if t.In != t.Out+t.rejected()+t.Later {
			return fmt.Errorf("balance %s: %d records in, but %d out, %d rejected and %d of later days", kind, t.In, t.Out, t.rejected(), t.Later)
		}
	}
	return nil
}

// check fails when more than the given share of any kind, or of all records with those of the import, is bad.
func (b *books) check(maxShare float64, where string) error {
	all, total := tally{Rejected: map[string]int64{}}, b.imported
	for _, kind := range slices.Sorted(maps.Keys(b.kinds)) {
		t := b.kinds[kind]
		if err := t.checkShare(kind, t.In, maxShare, where); err != nil {
			return err
		}
		all.add(*t)
		total += t.In
	}
	all.reject("at_import", b.imported)
	return all.checkShare("input", total, maxShare, where)
}

// checkShare fails when more than maxShare of total records are bad.
func (t *tally) checkShare(what string, total int64, maxShare float64, where string) error {
	bad := t.bad()
	if total == 0 || float64(bad) <= maxShare*float64(total) {
		return nil
	}
	var reasons []string
	for _, r := range slices.Sorted(maps.Keys(t.Rejected)) {
		reasons = append(reasons, fmt.Sprintf("%d %s", t.Rejected[r], r))
	}
	return fmt.Errorf("%w: %d of %d %s records are bad (%.1f %%, max_rejected_share is %.1f %%): %s; see %s",
		work.ErrGate, bad, total, what, 100*float64(bad)/float64(total), 100*maxShare, strings.Join(reasons, ", "), where)
}

// count publishes the books as counters of the stage.
func (b *books) count(sc *work.Context) {
	for kind, t := range b.kinds {
		sc.Count("clean/"+kind+"_in", t.In)
		sc.Count("clean/"+kind+"_out", t.Out)
		sc.Count("clean/"+kind+"_rejected", t.rejected())
		for reason, n := range t.Rejected {
			sc.Count("clean/rejected_"+reason, n)
		}
	}
	sc.Count("clean/rejected_import", b.imported)
	for _, kind := range []string{users, plays} {
		if t := b.kinds[kind]; t != nil {
			sc.Count("clean/"+kind+"_country_unknown", t.NoCountry)
		}
	}
	if t := b.kinds[plays]; t != nil {
		sc.Count("clean/plays_later", t.Later)
		for name, n := range t.Devices {
			sc.Count("clean/device_other/"+name, n)
		}
	}
	if t := b.kinds[playlists]; t != nil {
		sc.Count("clean/playlists_cut", t.Cut)
		sc.Count("clean/songs_empty", t.Dropped)
	}
}
