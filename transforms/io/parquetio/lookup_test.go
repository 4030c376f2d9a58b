package parquetio_test

import (
	"context"
	"fmt"
	"testing"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// counted counts what is read of its objects.
type counted struct {
	lake.Store
	requests, bytes int
}

type countedObject struct {
	lake.Object
	c *counted
}

func (c *counted) Open(ctx context.Context, key string) (lake.Object, error) {
	o, err := c.Store.Open(ctx, key)
	return countedObject{o, c}, err
}

func (o countedObject) ReadAt(p []byte, off int64) (int, error) {
	o.c.requests++
	o.c.bytes += len(p)
	return o.Object.ReadAt(p, off)
}

// A listener's rows are found with one request beyond the footer, whatever the size of the file; absent ones with none.
func TestLookupReadsOneRowGroup(t *testing.T) {
	c := &counted{Store: memLake(t)}
	table, _ := schemas.FindTable(schemas.TableUserRecommendations)
	var all []schemas.Recommendation
	for u := range 3000 {
		for rank := range 20 {
			all = append(all, schemas.Recommendation{
				UserID: fmt.Sprintf("listener-with-a-long-name-%05d", u), List: schemas.ListGeneral, Rank: int32(rank + 1),
				SongID: fmt.Sprintf("s%d", (u*31+rank*17)%5000), Score: 1 / float32(rank+1), Sources: []string{"neighbours"}, Seeds: []schemas.Reason{},
			})
		}
	}
	ref, err := parquetio.WriteAll(t.Context(), c, "recs.parquet", parquetio.MetaFor(table, "r"), all)
	if err != nil {
		t.Fatal(err)
	}
	look := func(user string) (found []schemas.Recommendation) {
		c.requests, c.bytes = 0, 0
		for row, err := range parquetio.Lookup[schemas.Recommendation](t.Context(), c, ref, "user_id", user) {
			if err != nil {
				t.Fatal(err)
			}
			if row.UserID == user {
				found = append(found, row)
			}
		}
		return found
	}
	look("zzz")
	footer, footerBytes := c.requests, c.bytes
	for _, u := range []int{0, 499, 500, 1234, 2999} {
		got := look(all[u*20].UserID)
		if len(got) != 20 || got[0].Rank != 1 || got[19].SongID != all[u*20+19].SongID {
			t.Errorf("listener %d has %d rows", u, len(got))
		}
		if c.requests != footer+1 || int64(c.bytes-footerBytes) > ref.Size/3 {
			t.Errorf("listener %d took %d requests and %d bytes beyond the footer, of a file of %d bytes", u, c.requests-footer, c.bytes-footerBytes, ref.Size)
		}
	}
	for _, err := range parquetio.Lookup[schemas.Recommendation](t.Context(), c, ref, "rank", "1") {
		if err == nil {
			t.Error("a column of numbers was looked up as strings")
		}
	}
}
