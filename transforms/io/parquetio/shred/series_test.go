package shred_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"segue/transforms/io/parquetio/shred"
)

type tag struct {
	Name string  `parquet:"name,dict"`
	Part float32 `parquet:"part,plain"`
}

type tagged struct {
	User string   `parquet:"user,dict"`
	Rank int32    `parquet:"rank,plain"`
	Song string   `parquet:"song,dict"`
	Kind string   `parquet:"kind,dict"`
	Half float32  `parquet:"half,plain,snappy"`
	Tags []tag    `parquet:"tags,list"`
	In   []string `parquet:"in,list" parquet-element:"element,dict"`
	Yes  bool     `parquet:"yes"`
}

func taggedFile(t *testing.T, texts *shred.Vocabulary, write func(w *shred.Writer[tagged])) []byte {
	t.Helper()
	var empty, out bytes.Buffer
	if err := parquet.NewGenericWriter[tagged](&empty).Close(); err != nil {
		t.Fatal(err)
	}
	w, err := shred.New[tagged](&out, shred.Options{Footer: *open(t, empty.Bytes()).Metadata(), SortedBy: []string{"user"}, GroupRows: 1 << 20, Codec: codec, Shared: texts})
	if err != nil {
		t.Fatal(err)
	}
	write(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// seriesOf returns rows of one user as columns; songs and names by their places.
func seriesOf(rows []tagged, songs, kinds, names *shred.Vocabulary) []shred.Series {
	at := func(v *shred.Vocabulary, text string) int32 {
		for i, t := range v.Texts {
			if t == text {
				return int32(i)
			}
		}
		panic(text)
	}
	c := []shred.Series{
		{Texts: []string{rows[0].User}, Repeat: []int32{int32(len(rows))}},
		{},
		{Of: songs},
		{Of: kinds},
		{},
		{Of: names, Lengths: []int32{}},
		{Lengths: []int32{}},
		{Lengths: []int32{}},
		{},
	}
	for _, r := range rows {
		c[1].Ints, c[2].Places = append(c[1].Ints, r.Rank), append(c[2].Places, at(songs, r.Song))
		c[3].Places = append(c[3].Places, at(kinds, r.Kind))
		c[4].Reals, c[4].Repeat = append(c[4].Reals, r.Half), append(c[4].Repeat, 1)
		for _, x := range r.Tags {
			c[5].Places, c[6].Reals = append(c[5].Places, at(names, x.Name)), append(c[6].Reals, x.Part)
		}
		c[7].Texts = append(c[7].Texts, r.In...)
		if n := len(c[8].Flags); n > 0 && c[8].Flags[n-1] == r.Yes {
			c[8].Repeat[n-1]++
		} else {
			c[8].Flags, c[8].Repeat = append(c[8].Flags, r.Yes), append(c[8].Repeat, 1)
		}
		c[5].Lengths, c[7].Lengths = append(c[5].Lengths, int32(len(r.Tags))), append(c[7].Lengths, int32(len(r.In)))
	}
	c[6].Lengths = c[5].Lengths
	return c
}

// Columns give the bytes that rows give, over several pages and row groups.
func TestSeriesAreRows(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 6))
	var ids []string
	for i := range 3000 {
		ids = append(ids, fmt.Sprintf("%0*d", 4+i%40, i))
	}
	songs := shred.NewVocabulary(ids)
	kinds, names := shred.NewVocabulary([]string{"ranked", "fresh", ""}), shred.NewVocabulary([]string{"b", "a", "c"})
	var users [][]tagged
	for range 600 {
		user := make([]tagged, 1+r.IntN(200))
		for i := range user {
			user[i] = tagged{User: ids[r.IntN(90)], Rank: int32(i), Song: songs.Texts[r.IntN(len(ids))], Kind: kinds.Texts[r.IntN(3)], Half: r.Float32(), Tags: []tag{}, In: []string{}, Yes: r.IntN(3) == 0}
			user[i].User = user[0].User
			for range r.IntN(4) {
				user[i].Tags, user[i].In = append(user[i].Tags, tag{names.Texts[r.IntN(3)], r.Float32()}), append(user[i].In, ids[r.IntN(9)])
			}
		}
		users = append(users, user)
	}
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	asRows := taggedFile(t, songs, func(w *shred.Writer[tagged]) {
		for i, u := range users {
			must(w.Add(u))
			if i%250 == 249 {
				must(w.Flush())
			}
		}
	})
	asColumns := taggedFile(t, songs, func(w *shred.Writer[tagged]) {
		for i, u := range users {
			must(w.AddColumns(len(u), seriesOf(u, songs, kinds, names)))
			if i%250 == 249 {
				must(w.Flush())
			}
		}
	})
	if !bytes.Equal(asRows, asColumns) {
		t.Fatalf("seed %d: %d bytes by rows and %d by columns differ", seed, len(asRows), len(asColumns))
	}
}

// Columns that do not fit are refused, each with its reason, before anything of the rows is taken.
func TestSeriesThatDoNotFit(t *testing.T) {
	songs, kinds, names := shred.NewVocabulary([]string{"s", "t"}), shred.NewVocabulary([]string{"ranked"}), shred.NewVocabulary([]string{"b"})
	row := tagged{User: "u", Song: "s", Kind: "ranked", Tags: []tag{{"b", 1}}, In: []string{"x"}}
	taggedFile(t, songs, func(w *shred.Writer[tagged]) {
		if err := w.AddColumns(1, seriesOf([]tagged{row}, songs, kinds, names)); err != nil {
			t.Fatal(err)
		}
		for name, broken := range map[string]func(c []shred.Series) []shred.Series{
			"7 columns":          func(c []shred.Series) []shred.Series { return c[:7] },
			"values and":         func(c []shred.Series) []shred.Series { c[1].Ints = []int32{1, 2}; return c },
			"1 lists":            func(c []shred.Series) []shred.Series { c[1].Lengths = []int32{1}; return c },
			"another kind":       func(c []shred.Series) []shred.Series { c[3] = shred.Series{Ints: []int32{1}}; return c },
			"another vocabulary": func(c []shred.Series) []shred.Series { c[3].Of = names; return c },
			"of another kind":    func(c []shred.Series) []shred.Series { c[1] = shred.Series{Flags: []bool{true}}; return c },
			"values of another":  func(c []shred.Series) []shred.Series { c[8] = shred.Series{Texts: []string{"x"}}; return c },
			"repeated":           func(c []shred.Series) []shred.Series { c[0].Repeat = []int32{1, 1}; return c },
		} {
			err := w.AddColumns(1, broken(seriesOf([]tagged{row}, songs, kinds, names)))
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: the error is %v", name, err)
			}
		}
	})
}
