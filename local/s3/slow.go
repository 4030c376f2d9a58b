package s3

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"
)

// Slow serves the same objects at another loopback address, where each answer is as late as that of a bucket some way off: what waits for the
// store one request after the other shows there. It ends with the server.
func (s *Server) Slow(late time.Duration) (endpoint string, err error) {
	target, err := url.Parse(s.Endpoint)
	if err != nil {
		return "", err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listen for slow requests: %w", err)
	}
	front := &http.Server{Handler: behind(target, late), ReadHeaderTimeout: time.Minute}
	go front.Serve(l)
	context.AfterFunc(s.ctx, func() { front.Close() })
	return "http://" + l.Addr().String(), nil
}

// behind passes requests on, as they were signed, after a while.
func behind(target *url.URL, late time.Duration) http.Handler {
	pass := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		},
		Transport:     &http.Transport{MaxIdleConnsPerHost: 128, DisableCompression: true},
		FlushInterval: -1,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(late):
			pass.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
}
