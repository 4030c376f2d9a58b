package shred

import (
	"math/bits"
	"slices"
	"unsafe"
)

// Vocabulary is texts that rows of many files hold, such as the ids of all songs, side by side in memory and evenly apart: the address of one tells
// which it is, and columns find its code by that, without a look at its bytes. One that rows hold from elsewhere as well stands in a dictionary twice.
type Vocabulary struct {
	Texts   []string // equal to those it was made of
	ordered bool     // texts ascend
	first   uintptr
	shift   int // of the distance from one to the next
}

// NewVocabulary copies texts. Memory: the longest text for each, up to the next power of two.
func NewVocabulary(texts []string) *Vocabulary {
	longest := 1
	for _, t := range texts {
		longest = max(longest, len(t))
	}
	v := &Vocabulary{Texts: make([]string, len(texts)), ordered: slices.IsSorted(texts), shift: bits.Len(uint(longest - 1))}
	if len(texts) == 0 {
		return v
	}
	all := make([]byte, len(texts)<<v.shift)
	for i, t := range texts {
		copy(all[i<<v.shift:], t)
		v.Texts[i] = unsafe.String(&all[i<<v.shift], len(t))
	}
	v.first = uintptr(unsafe.Pointer(&all[0]))
	return v
}

// placeOf returns the place of the text that begins at an address; at least len(v.Texts) if none does.
func (v *Vocabulary) placeOf(at *byte) uint64 {
	return bits.RotateLeft64(uint64(uintptr(unsafe.Pointer(at))-v.first), -v.shift)
}

// place is a text of a vocabulary in a column.
type place struct {
	code int32 // in the row group, -1 = none
	size int32
}

// share sets the vocabulary, between two files.
func (w *words) share(v *Vocabulary) {
	if w.shared != v {
		w.next()
		w.shared, w.places = v, nil
	}
}

// sharedCode returns the code of a text of the vocabulary.
func (w *words) sharedCode(at *byte, size int) (code int32, ok bool) {
	if w.shared == nil || size == 0 {
		return 0, false
	}
	p := w.shared.placeOf(at)
	if p >= uint64(len(w.shared.Texts)) {
		return 0, false
	}
	if w.places == nil {
		w.places = make([]place, len(w.shared.Texts))
		for i, t := range w.shared.Texts {
			w.places[i] = place{-1, int32(len(t))}
		}
	}
	found := &w.places[p]
	if int(found.size) != size {
		return 0, false // the start of one
	}
	if found.code < 0 {
		found.code = int32(len(w.used))
		w.used = append(w.used, int32(-1-int64(p)))
	}
	return found.code, true
}
