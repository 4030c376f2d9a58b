package live

import (
	"encoding/json"
	"errors"
	"fmt"

	"segue/transforms/algo/sessions"
)

// Version orders the records of a listener in the topic of features.
type Version = sessions.Version

// VersionOf reads the version of a feature record.
//
// Errors: no JSON object, or one without an offset.
func VersionOf(value []byte) (Version, error) {
	var v struct {
		Offset            *int64
		Generation, Timer int64
	}
	if err := json.Unmarshal(value, &v); err != nil {
		return Version{}, fmt.Errorf("read a feature record: %w", err)
	}
	if v.Offset == nil {
		return Version{}, errors.New("read a feature record: it has no offset")
	}
	return Version{Offset: *v.Offset, Generation: v.Generation, Timer: v.Timer}, nil
}
