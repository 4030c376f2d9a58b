package engine

import (
	"slices"
	"strings"
)

// RootCause returns the line of an engine's error text that says what happened.
//
// A Java trace tells it behind its last "Caused by:", Beam's Go harness below its last "caused by:" and the name of the
// DoFn, a Python trace on its last line that names an exception; in any other text it is the first line.
func RootCause(text string) string {
	const mark = "aused by:"
	if i := strings.LastIndex(text, mark); i >= 0 {
		return firstTelling(text[i+len(mark):])
	}
	for _, line := range slices.Backward(strings.Split(text, "\n")) {
		if line = strings.TrimSpace(line); isException(line) {
			return withoutClass(line)
		}
	}
	return firstTelling(text)
}

// firstTelling returns the first line that is neither a place in code nor the head of what follows.
func firstTelling(text string) string {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		head := line == "" || strings.HasPrefix(line, "at ") || strings.HasPrefix(line, "File \"") || strings.HasPrefix(line, "Traceback") || strings.HasSuffix(line, " failed:")
		if !head {
			return withoutClass(line)
		}
	}
	return ""
}

// isException reports whether a line begins with the class of an exception.
func isException(line string) bool {
	class, _, ok := strings.Cut(line, ": ")
	return ok && !strings.Contains(class, " ") && (strings.HasSuffix(class, "Error") || strings.HasSuffix(class, "Exception"))
}

// withoutClass removes classes that say no more than that something failed.
func withoutClass(line string) string {
	for _, class := range []string{"java.lang.RuntimeException: ", "java.lang.IllegalStateException: ", "java.util.concurrent.ExecutionException: ", "RuntimeError: "} {
		line = strings.TrimPrefix(line, class)
	}
	return line
}
