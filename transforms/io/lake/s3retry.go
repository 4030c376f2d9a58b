package lake

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
)

const (
	maxTries  = 6                      // about 6 s of waiting in all
	firstWait = 200 * time.Millisecond // doubled each time, at most lastWait
	lastWait  = 3 * time.Second
	baseTime  = time.Minute // what one try may take beside moving its bytes
	slowest   = 1 << 20     // bytes a second, below which a try is given up
)

// try calls f until it succeeds, fails for good or has failed maxTries times; each try has a deadline by its size in bytes.
func (s *s3Store) try(ctx context.Context, size int64, f func(context.Context) error) (retried bool, err error) {
	limit := baseTime + time.Duration(size/slowest)*time.Second
	wait := firstWait
	for n := 1; ; n++ {
		tryCtx, cancel := context.WithTimeout(ctx, limit)
		err = f(tryCtx)
		cancel()
		if ctx.Err() != nil && err != nil {
			return retried, ctx.Err()
		}
		if n == maxTries || !transient(err) {
			return retried, err
		}
		retried = true
		select {
		case <-ctx.Done():
			return retried, ctx.Err()
		case <-time.After(wait/2 + rand.N(wait/2)):
		}
		wait = min(2*wait, lastWait)
	}
}

// answer returns what the store said; ok is false when it said nothing.
func answer(err error) (minio.ErrorResponse, bool) {
	var r minio.ErrorResponse
	ok := errors.As(err, &r)
	return r, ok
}

// transientCodes are answers that may differ next time. ConditionalRequestConflict says that another write of the key is
// under way, not who will win.
var transientCodes = []string{"RequestTimeout", "SlowDown", "InternalError", "Throttling", "ThrottlingException", "ConditionalRequestConflict", "OperationAborted"}

func transient(err error) bool {
	var bad *sourceError
	if err == nil || errors.As(err, &bad) {
		return false
	}
	if r, ok := answer(err); ok && r.StatusCode != 0 {
		return slices.Contains(transientCodes, r.Code) || r.StatusCode == http.StatusTooManyRequests ||
			r.StatusCode == http.StatusRequestTimeout || r.StatusCode == http.StatusConflict || unreasoned(r) ||
			(r.StatusCode >= 500 && r.StatusCode != http.StatusNotImplemented)
	}
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	return !errors.As(err, &authority) && !errors.As(err, &host) && !strings.Contains(err.Error(), "HTTP response to HTTPS client")
}

// unreasoned is what a server says to a broken connection, such as one whose upload was given up, and not to a request:
// those are refused with a reason.
func unreasoned(r minio.ErrorResponse) bool {
	return r.StatusCode == http.StatusBadRequest && slices.Contains([]string{"", "BadRequest", "400 Bad Request"}, r.Code)
}

// lost reports that a condition of a write did not hold.
func lost(err error) bool {
	r, ok := answer(err)
	return ok && (r.StatusCode == http.StatusPreconditionFailed || r.StatusCode == http.StatusConflict)
}

func absent(err error) bool {
	r, ok := answer(err)
	return ok && (r.Code == "NoSuchKey" || r.StatusCode == http.StatusNotFound && (r.Code == "" || r.Code == "NotFound"))
}

// explain turns a client's error into one of ours that says what to do. No message holds a secret.
func (s *s3Store) explain(op, key string, err error) error {
	if err == nil {
		return nil
	}
	var bad *sourceError
	if errors.As(err, &bad) || errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s %s: %w", op, key, err)
	}
	r, ok := answer(err)
	switch {
	case !ok || r.StatusCode == 0:
		return fmt.Errorf("%s %s: %w: endpoint %s: check AWS_ENDPOINT_URL_S3 and that the server runs: %w", op, key, ErrUnreachable, s.endpoint, err)
	case r.Code == "NoSuchBucket":
		return fmt.Errorf("%s %s: %w: %s at %s: create it or correct the lake's address", op, key, ErrNoBucket, s.bucket, s.endpoint)
	case absent(err):
		return fmt.Errorf("%s %s: %w", op, key, ErrNotExist)
	case r.StatusCode == http.StatusForbidden || r.StatusCode == http.StatusUnauthorized || slices.Contains(deniedCodes, r.Code):
		return fmt.Errorf("%s %s: %w: %s for bucket %s at %s: check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and the key's permissions", op, key, ErrDenied, reason(r), s.bucket, s.endpoint)
	case r.StatusCode == http.StatusPreconditionFailed:
		return fmt.Errorf("%s %s: %w", op, key, ErrConflict)
	case r.StatusCode == http.StatusNotImplemented:
		return fmt.Errorf("%s %s: %w: endpoint %s has no conditional writes", op, key, ErrUnfit, s.endpoint)
	case r.StatusCode >= 300 && r.StatusCode < 400, r.Code == "AuthorizationHeaderMalformed":
		return fmt.Errorf("%s %s: bucket %s at %s lies in another region: set AWS_REGION: %w", op, key, s.bucket, s.endpoint, err)
	}
	return fmt.Errorf("%s %s at %s: %w", op, key, s.endpoint, err)
}

// deniedCodes refuse a key with a status that would say something else; the last is versitygw's.
var deniedCodes = []string{"ExpiredToken", "InvalidToken", "InvalidAccessKeyId", "XAdminUserNotFound"}

func reason(r minio.ErrorResponse) string {
	if r.Code != "" {
		return r.Code
	}
	return http.StatusText(r.StatusCode)
}
