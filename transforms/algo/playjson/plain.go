package playjson

import "encoding/binary"

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// isPlain reports whether every byte is ASCII from space on, without a backslash: then strings end at the next quote.
func isPlain(b []byte) bool {
	var bad uint64
	for ; len(b) >= 8; b = b[8:] {
		w := binary.LittleEndian.Uint64(b)
		escape := w ^ ones*'\\'
		// A byte below space, or a zero byte of escape, borrows into its high bit; a borrow beyond it only follows a true one.
		bad |= w | (w-ones*' ')&^w | (escape-ones)&^escape
	}
	for _, c := range b {
		if c < ' ' || c >= 0x80 || c == '\\' {
			return false
		}
	}
	return bad&highs == 0
}
