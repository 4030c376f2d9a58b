package ops

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// timeout is how long telling may hold up the end of a night.
const timeout = 10 * time.Second

// post sends a body; errors name the address without its password.
func post(ctx context.Context, base, path string, header http.Header, body []byte) error {
	u, err := url.Parse(strings.TrimSuffix(base, "/") + path)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return errors.New("post: the address is no http or https URL")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout) // a night that was stopped is told too
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("post to %s: cannot be asked", u.Redacted())
	}
	for k, v := range header {
		req.Header[k] = v
	}
	res, err := http.DefaultClient.Do(req)
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	if err != nil {
		return fmt.Errorf("post to %s: %w", u.Redacted(), err)
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16))
		return fmt.Errorf("post to %s: answered %s", u.Redacted(), res.Status)
	}
	return nil
}
