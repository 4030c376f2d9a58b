package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// RootCause returns the line of an engine's error text that says what happened.
//
// A Java trace tells it behind its last "Caused by:", Beam's Go harness below its last "caused by:" and the name of the
// DoFn, a Python trace on its last line that names an exception; in any other text it is the first line.
func RootCause(text string) string {
	const mark, start = "aused by:", "Cannot run program " // whose own cause does not say which
	if i := strings.Index(text, start); i >= 0 {
		return firstTelling(text[i:])
	}
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

// strangerOr returns the root cause of a refused job, with a word on what it is that refuses where it is no job service of this version.
func strangerOr(err error) error {
	s := status.Convert(err)
	cause := RootCause(s.Message())
	switch {
	case s.Code() == codes.Unimplemented, strings.Contains(cause, "HTTP/1"), strings.Contains(cause, "server preface"):
		return fmt.Errorf("%s: this is another service, not Beam's job service: give the port of the job server, not of the engine's pages", cause)
	case foreign(cause):
		return fmt.Errorf("%s: its job server is of another version: this binary speaks Beam "+core.SdkVersion, cause)
	}
	return errors.New(cause)
}

// foreign reports whether a cause is that a part of a pipeline is not known, as servers of another version say.
func foreign(cause string) bool {
	low := strings.ToLower(cause)
	return strings.Contains(low, "urn") && slices.ContainsFunc([]string{"unknown", "unsupported", "not supported", "unrecognized", "no translat", "missing"}, func(w string) bool { return strings.Contains(low, w) })
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
