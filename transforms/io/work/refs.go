package work

import (
	"encoding/json"
	"fmt"

	"segue/transforms/io/lake"
)

// contents returns JSON in which no FileRef that has a SHA256 says where its file lies.
func contents(encoded []byte) []byte {
	v := decoded(encoded)
	eachRef(v, func(ref map[string]any) {
		if sha, ok := ref["sha256"].(string); ok && sha != "" {
			delete(ref, "key")
			delete(ref, "etag")
		}
	})
	return mustJSON(v)
}

// refsIn returns the FileRefs in pieces of JSON.
func refsIn(encoded ...[]byte) (out []lake.FileRef) {
	for _, piece := range encoded {
		eachRef(decoded(piece), func(ref map[string]any) {
			key, _ := ref["key"].(string)
			etag, _ := ref["etag"].(string)
			sha, _ := ref["sha256"].(string)
			size, _ := ref["size"].(float64)
			out = append(out, lake.FileRef{Key: key, ETag: etag, SHA256: sha, Size: int64(size)})
		})
	}
	return out
}

func decoded(encoded []byte) (v any) {
	if err := json.Unmarshal(encoded, &v); err != nil {
		panic(fmt.Sprintf("work: decode what was just encoded: %v", err))
	}
	return v
}

// eachRef calls f with every FileRef in decoded JSON.
func eachRef(v any, f func(map[string]any)) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			eachRef(e, f)
		}
	case map[string]any:
		_, key := v["key"]
		_, etag := v["etag"]
		if _, sha := v["sha256"]; sha && key && etag {
			f(v)
		}
		for _, e := range v {
			eachRef(e, f)
		}
	}
}
