package shred

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"math/bits"
	"unsafe"

	"segue/transforms/algo/simd"
)

// words numbers the texts of a column for the dictionaries of its row groups. A text is known again by its address, so that the
// contents of those that many rows share, such as ids of songs, are hashed once a file.
type words struct {
	texts []string // all of the file, by word
	hash  []uint32 // by word: of the text
	index []int32  // word + 1 by hash, linear probing; 0 = free
	near  []spot   // by hash of the address
	shift int      // of that hash
	seed  maphash.Seed
	ahead []int32 // of fetch

	code []int32 // by word: its code in the row group, -1 = none
	used []int32 // words by code; of shared texts -1-place

	shared *Vocabulary // nil = none
	places []place     // by place in it; nil = none was met yet
}

// spot is a text at an address, which it keeps from being used for another.
type spot struct {
	at   *byte
	size int32
	word int32
}

// Bounds of what is remembered of a column.
const (
	leastWords = 1 << 7
	mostWords  = 1 << 17
)

func newWords() *words {
	w := &words{seed: maphash.MakeSeed()}
	w.forget()
	return w
}

func (w *words) forget() {
	w.texts, w.hash, w.code = nil, nil, nil
	w.room(leastWords)
}

// room makes tables for so many texts, a power of two.
func (w *words) room(n int) {
	w.index, w.near, w.shift = make([]int32, 2*n), make([]spot, 4*n), 62-bits.TrailingZeros(uint(n))
}

// codeOf returns the code of a text in the dictionary of the row group.
func (w *words) codeOf(text string) int32 {
	at := unsafe.StringData(text)
	if code, ok := w.sharedCode(at, len(text)); ok {
		return code
	}
	near := w.spotOf(at)
	if near.at != at || int(near.size) != len(text) || len(text) == 0 {
		n := w.word(text)
		near = w.spotOf(at)
		*near = spot{at, int32(len(text)), n}
	}
	code := w.code[near.word]
	if code < 0 {
		code = int32(len(w.used))
		w.code[near.word], w.used = code, append(w.used, near.word)
	}
	return code
}

func (w *words) spotOf(at *byte) *spot { return &w.near[w.hashOf(at)] }

func (w *words) hashOf(at *byte) uint64 {
	return uint64(uintptr(unsafe.Pointer(at))) * 0x9e3779b97f4a7c15 >> w.shift
}

// fetch asks for what codeOf reads first of the texts of some runs.
func (w *words) fetch(runs []run) {
	w.ahead = w.ahead[:0]
	for _, r := range runs {
		last := (*byte)(nil)
		for i := range r.n {
			at := unsafe.StringData(*(*string)(unsafe.Add(r.at, uintptr(i)*r.step)))
			if at != last { // those of neighbouring rows are often the same
				w.ahead = append(w.ahead, int32(w.hashOf(at)))
			}
			last = at
		}
	}
	simd.FetchEach(w.near, w.ahead)
}

// word returns the number of a text by its content.
func (w *words) word(text string) int32 {
	h, mask := uint32(maphash.String(w.seed, text)), uint32(len(w.index)-1)
	i := h & mask
	for ; w.index[i] != 0; i = (i + 1) & mask {
		if n := w.index[i] - 1; w.hash[n] == h && w.texts[n] == text {
			return n
		}
	}
	n := int32(len(w.texts))
	w.texts, w.hash, w.code, w.index[i] = append(w.texts, text), append(w.hash, h), append(w.code, -1), n+1
	if 2*len(w.texts) > len(w.index) {
		w.grow()
	}
	return n
}

func (w *words) grow() {
	w.room(len(w.index))
	mask := uint32(len(w.index) - 1)
	for n, h := range w.hash {
		i := h & mask
		for w.index[i] != 0 {
			i = (i + 1) & mask
		}
		w.index[i] = int32(n + 1)
	}
}

// next begins another row group.
func (w *words) next() {
	for _, n := range w.used {
		if n < 0 {
			w.places[-1-n].code = -1
		} else {
			w.code[n] = -1
		}
	}
	w.used = w.used[:0]
	if len(w.texts) > mostWords {
		w.forget()
	}
}

// text returns the text of an element of used.
func (w *words) text(n int32) string {
	if n < 0 {
		at := int(-1 - n)
		return unsafe.String(&w.shared.bytes[at<<w.shared.shift], w.places[at].size)
	}
	return w.texts[n]
}

// aheadTexts is how many texts are asked for at once.
const aheadTexts = 32

// appendPage appends the dictionary of the row group.
func (w *words) appendPage(to []byte) []byte {
	for i, n := range w.used {
		if i%aheadTexts == 0 { // texts of a vocabulary are far apart
			for _, n := range w.used[i:min(i+aheadTexts, len(w.used))] {
				simd.FetchText(w.text(n))
			}
		}
		to = appendSized(to, w.text(n))
	}
	return to
}

func appendSized(to []byte, text string) []byte {
	return append(binary.LittleEndian.AppendUint32(to, uint32(len(text))), text...)
}

// met returns the elements of used that some codes stand for, each once.
func (w *words) met(codes []int32) (out []int32) {
	seen := make([]bool, len(w.used))
	for _, c := range codes {
		if !seen[c] {
			seen[c], out = true, append(out, w.used[c])
		}
	}
	return out
}

// span returns the least and greatest of the texts of some elements of used. Those of an ordered vocabulary are compared by their places.
func (w *words) span(used []int32) (low, high string) {
	ordered := w.shared != nil && w.shared.ordered
	least, most := int32(math.MinInt32), int32(0) // -1-place falls as places rise
	some := false
	for _, n := range used {
		if n < 0 && ordered {
			least, most = max(least, n), min(most, n)
			continue
		}
		low, high, some = widen(low, high, w.text(n), some)
	}
	if most < 0 {
		low, high, some = widen(low, high, w.text(least), some)
		low, high, _ = widen(low, high, w.text(most), some)
	}
	return low, high
}

// widen returns the bounds of texts and one more.
func widen(low, high, text string, some bool) (string, string, bool) {
	if !some {
		return text, text, true
	}
	return min(low, text), max(high, text), true
}
