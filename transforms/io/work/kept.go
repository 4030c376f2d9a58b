package work

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strconv"
	"sync"
	"time"

	"segue/transforms/io/lake"
)

// Keeper is a Doer whose finished items serve later runs too: kept/<stage>/<phase>/<hash>/ holds the files of an item and,
// written last, its record. A run that meets the same item adopts both.
//
// The hash covers the version, the configuration, the seed and the item. Files count by content, so that an equal file under
// another name is the same input; only files without a SHA256, which are landing files, count by key and ETag. So Do may
// put the names of landing files into its result, but nothing else of where its input lies, and no run id.
// Raise Version when the same item would give another result; what depends on the machine belongs into the configuration.
// The files of a kept item are made by Env.File only. A kept item whose files are gone or changed is made again.
type Keeper interface{ Version() int }

// Identified is an item of a Keeper that says itself what decides its result, because it carries more than that.
type Identified interface{ Identity() any }

// keptHash names an item for ever.
func keptHash(j job, version int, config, item []byte) string {
	h := sha256.New()
	for _, b := range [][]byte{[]byte(j.Worker), []byte(strconv.Itoa(version)), contents(config), strconv.AppendUint(nil, j.Place.Seed, 10), contents(item)} {
		fmt.Fprintf(h, "%d:", len(b))
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// keep names the folders of the items of a kept phase and notes them as used by the run.
func (c *Context) keep(j job, version int, items []Element, identities [][]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range items {
		items[i].Key = path.Join(lake.KeptFolder, j.Place.Stage, j.Phase, keptHash(j, version, j.Config, identities[i]))
		c.kept = append(c.kept, items[i].Key+"/")
	}
}

// Kept returns the folders of all kept items the stage met so far, in the order it asked for them: who collects garbage
// keeps what lies under them as long as the run.
func (c *Context) Kept() []string { return c.kept }

// keptFiles notes the files that an item may have written.
type keptFiles struct {
	folder string
	mu     sync.Mutex
	keys   []string
}

func (k *keptFiles) file(folder, name string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	key := path.Join(k.folder, folder, name)
	k.keys = append(k.keys, key)
	return key
}

// written returns what was written of the files: those that values refer to are, of others the store tells.
func (k *keptFiles) written(ctx context.Context, s lake.Store, values []Keyed[json.RawMessage]) ([]lake.Info, error) {
	known := map[string]lake.FileRef{}
	for _, v := range values {
		for _, ref := range refsIn(v.Value) {
			known[ref.Key] = ref
		}
	}
	out := []lake.Info{}
	for _, key := range k.keys {
		if ref := known[key]; ref.ETag != "" {
			out = append(out, lake.Info{Key: key, Size: ref.Size, ETag: ref.ETag})
			continue
		}
		in, err := s.Stat(ctx, key)
		if errors.Is(err, lake.ErrNotExist) {
			continue // named, not needed
		}
		if err != nil {
			return nil, err
		}
		out = append(out, in)
	}
	return out, nil
}

// keptRecord is the last object an item leaves.
type keptRecord struct {
	Values []Keyed[json.RawMessage] `json:"values"`
	Files  []lake.Info              `json:"files"`
	UsedAt time.Time                `json:"used_at,omitzero"` // when a later run renewed it
}

// renewAfter is the age at which a record is written again by the run that adopts it: a collection of garbage leaves alone
// what is younger than lake.MinGrace, and a night ends within half of it.
const renewAfter = lake.MinGrace / 2

// errStale says that there is no whole kept item.
var errStale = errors.New("no whole kept item")

// adopt returns what a kept item gave. errStale: there is none, or not all of it; etag is then that of its record.
func adopt(ctx context.Context, s lake.Store, key string) (values []Keyed[json.RawMessage], etag string, err error) {
	data, in, err := s.Get(ctx, key)
	if errors.Is(err, lake.ErrNotExist) {
		return nil, "", errStale
	}
	if err != nil {
		return nil, "", fmt.Errorf("read kept item: %w", err)
	}
	var r keptRecord
	if json.Unmarshal(data, &r) != nil {
		return nil, in.ETag, errStale
	}
	if time.Since(in.ModifiedAt) > renewAfter {
		r.UsedAt = time.Now().UTC()
		in, err = s.Swap(ctx, key, mustJSON(r), in.ETag)
		if errors.Is(err, lake.ErrConflict) {
			return adopt(ctx, s, key)
		}
		if err != nil {
			return nil, "", fmt.Errorf("renew kept item: %w", err)
		}
	}
	for _, f := range r.Files {
		now, err := s.Stat(ctx, f.Key)
		if errors.Is(err, lake.ErrNotExist) || err == nil && now.ETag != f.ETag {
			return nil, in.ETag, errStale
		}
		if err != nil {
			return nil, "", fmt.Errorf("check kept item: %w", err)
		}
	}
	return r.Values, "", nil
}

// keptItem is the place of a kept item.
type keptItem struct {
	store  lake.Store
	folder string
	etag   string // of a record that is no longer true, as find saw it
}

func (k *keptItem) find(ctx context.Context) (values []Keyed[json.RawMessage], found bool, err error) {
	values, k.etag, err = adopt(ctx, k.store, path.Join(k.folder, lake.KeptRecord))
	if errors.Is(err, errStale) {
		return nil, false, nil
	}
	return values, err == nil, err
}

// make lets run name its files in the folder of the item, and records them. Of concurrent makers the first to record wins.
func (k *keptItem) make(ctx context.Context, env *Env, run func(env *Env) ([]Keyed[json.RawMessage], error)) ([]Keyed[json.RawMessage], error) {
	own := *env
	own.kept = &keptFiles{folder: k.folder}
	values, err := run(&own)
	if err != nil {
		return nil, err
	}
	r := keptRecord{Values: values}
	if r.Files, err = own.kept.written(ctx, env.Lake, values); err != nil {
		return nil, fmt.Errorf("record kept item: %w", err)
	}
	key := path.Join(k.folder, lake.KeptRecord)
	_, err = k.store.Swap(ctx, key, mustJSON(r), k.etag)
	if errors.Is(err, lake.ErrConflict) {
		values, _, err = adopt(ctx, k.store, key)
	}
	return values, err
}
