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
	bytes   []byte
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
	v.bytes = make([]byte, len(texts)<<v.shift)
	for i, t := range texts {
		copy(v.bytes[i<<v.shift:], t)
		v.Texts[i] = unsafe.String(&v.bytes[i<<v.shift], len(t))
	}
	return v
}

// placeOf returns the place of the text that begins at an address; at least len(v.Texts) if none does.
func (v *Vocabulary) placeOf(at *byte) uint64 {
	first := uintptr(unsafe.Pointer(unsafe.SliceData(v.bytes)))
	return bits.RotateLeft64(uint64(uintptr(unsafe.Pointer(at))-first), -v.shift)
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
	w.open()
	if int(w.places[p].size) != size {
		return 0, false // the start of one
	}
	return w.codeAt(int32(p)), true
}

// open makes room for what is noted of each text of the vocabulary.
func (w *words) open() {
	if w.places != nil {
		return
	}
	w.places = make([]place, len(w.shared.Texts))
	for i, t := range w.shared.Texts {
		w.places[i] = place{-1, int32(len(t))}
	}
}

// codeAt returns the code of the text at a place of the vocabulary.
func (w *words) codeAt(p int32) int32 {
	found := &w.places[p]
	if found.code < 0 {
		found.code = int32(len(w.used))
		w.used = append(w.used, -1-p)
	}
	return found.code
}
