// Package memo keeps the last model a process opened, so that concurrent work items open it once.
//
//	memo.go  Last
package memo

import "sync"

// Last holds the value made for the key asked last; the zero value is empty. Safe for concurrent use.
//
// One value at a time: all items of a stage ask for the same key, and the next stage's model replaces it.
type Last[T any] struct {
	mu    sync.Mutex
	key   string
	value T
	made  bool
}

// Of returns the value of key, made by the first caller while others wait; a failure is not kept.
func (l *Last[T]) Of(key string, open func() (T, error)) (T, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.made && l.key == key {
		return l.value, nil
	}
	v, err := open()
	if err != nil {
		return v, err
	}
	l.key, l.value, l.made = key, v, true
	return v, nil
}

// Drop forgets the value.
func (l *Last[T]) Drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	var none T
	l.key, l.value, l.made = "", none, false
}
