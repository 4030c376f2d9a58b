package lake

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// s3Env is how a bucket is reached: all from the standard variables of the ecosystem.
type s3Env struct {
	endpoint  *url.URL
	region    string
	pathStyle bool
	creds     *credentials.Credentials
}

// s3Environment reads AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL_S3 or
// AWS_ENDPOINT_URL, and SEGUE_S3_PATH_STYLE (default: true when an endpoint is given).
func s3Environment() (s3Env, error) {
	id, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	if id == "" || secret == "" {
		return s3Env{}, fmt.Errorf("%w: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", ErrDenied)
	}
	e := s3Env{region: firstEnv("us-east-1", "AWS_REGION", "AWS_DEFAULT_REGION"), creds: credentials.NewStaticV4(id, secret, os.Getenv("AWS_SESSION_TOKEN"))}
	raw := firstEnv("", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
	e.pathStyle = raw != ""
	if raw == "" {
		raw = "https://s3." + e.region + ".amazonaws.com"
	}
	var err error
	if e.endpoint, err = url.Parse(raw); err != nil {
		return e, errors.New("parse AWS_ENDPOINT_URL_S3: not a URL") // the cause would repeat a password in it
	}
	if (e.endpoint.Scheme != "http" && e.endpoint.Scheme != "https") || e.endpoint.Host == "" || e.endpoint.User != nil {
		return e, fmt.Errorf("parse AWS_ENDPOINT_URL_S3: want http://host:port or https://host:port, without user or password")
	}
	if style := os.Getenv("SEGUE_S3_PATH_STYLE"); style != "" {
		if e.pathStyle, err = strconv.ParseBool(style); err != nil {
			return e, fmt.Errorf("parse SEGUE_S3_PATH_STYLE %q: want true or false", style)
		}
	}
	return e, nil
}

func firstEnv(or string, names ...string) string {
	for _, n := range names {
		if v := os.Getenv(n); v != "" {
			return v
		}
	}
	return or
}

// connect makes the client; it sends nothing yet. Retries are ours: a repeated conditional PUT needs to know that it is one.
func (e s3Env) connect() (*minio.Core, error) {
	secure := e.endpoint.Scheme == "https"
	transport, err := minio.DefaultTransport(secure)
	if err != nil {
		return nil, err
	}
	transport.MaxIdleConnsPerHost = 64
	transport.ResponseHeaderTimeout = time.Minute
	lookup := minio.BucketLookupDNS
	if e.pathStyle {
		lookup = minio.BucketLookupPath
	}
	core, err := minio.NewCore(e.endpoint.Host, &minio.Options{
		Creds: e.creds, Secure: secure, Region: e.region, BucketLookup: lookup, Transport: transport, MaxRetries: 1,
	})
	if err != nil {
		return nil, fmt.Errorf("use endpoint %s: %w", e.endpoint, err)
	}
	core.SetAppInfo("segue", "1")
	return core, nil
}
