package parquetio

import (
	"strconv"

	"segue/schemas"
	"segue/transforms/io/parquetio/shred"
)

// Row group sizes: rows of tables that are scanned, keys of tables of which one listener's rows are looked up.
const (
	scanRowGroup = 250_000
	lookupKeys   = 500 // listeners
)

// version is set when the program is linked; see the Makefile.
var version = "dev"

// KV is one entry of a file's key-value metadata.
type KV struct{ Key, Value string }

// Meta says what goes into a file beside its rows.
type Meta struct {
	RunID         string
	Table         string
	SchemaVersion int      // 0 = not a published table
	Producer      string   // program; "" = segue
	SortedBy      []string // ascending; rows must come in this order
	RowGroupRows  int64    // rows a row group at most; 0 = 250,000
	RowGroupKeys  int      // whole values of the first sort column a row group at most, and at most some 512 KiB compressed; 0 = any
	Working       bool     // read once or twice: packed by snappy, faster than zstd and larger

	Shared *Vocabulary // texts that many rows hold, of which dictionaries are made faster; nil = none
}

// Vocabulary is texts that the rows of many files hold.
type Vocabulary = shred.Vocabulary

// Series is one column of some rows.
type Series = shred.Series

// NewVocabulary copies texts; rows should hold its Texts.
func NewVocabulary(texts []string) *Vocabulary { return shred.NewVocabulary(texts) }

// MetaFor returns the Meta of a part of a published table.
func MetaFor(table schemas.Table, runID string) Meta {
	m := Meta{RunID: runID, Table: table.Name, SchemaVersion: table.Version, SortedBy: table.Order, RowGroupRows: scanRowGroup}
	if table.Name == schemas.TableUserRecommendations {
		m.RowGroupKeys = lookupKeys
	}
	return m
}

func (m Meta) keyValues() []KV {
	kvs := []KV{{"producer", m.producer()}, {"run_id", m.RunID}, {"table", m.Table}}
	if m.SchemaVersion > 0 {
		kvs = append(kvs, KV{"schema_version", strconv.Itoa(m.SchemaVersion)})
	}
	return kvs
}

func (m Meta) producer() string {
	if m.Producer == "" {
		return "segue"
	}
	return m.Producer
}
