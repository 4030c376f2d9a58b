// Package s3 runs a real S3 server inside this process: signatures, atomic conditional writes, objects as plain files, so
// that a folder survives a restart. For tests and the demo only: never link it into a production binary.
//
//	server.go  Start, Server, Stop
//	slow.go    Slow: the same objects, each answer late
//
// One server a process, because the gateway keeps package-level state. It listens on loopback only.
package s3

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

// Region is the region the server reports.
const Region = "us-east-1"

// Options says what a server is started with.
type Options struct {
	Buckets   []string // made when missing
	Port      int      // 0 = any free port
	AccessKey string   // default "segue"
	SecretKey string   // default: random
}

// Server is a running server.
type Server struct {
	Endpoint  string // http://127.0.0.1:port
	AccessKey string
	SecretKey string

	ctx    context.Context // ended by Stop
	cancel context.CancelFunc
	done   chan struct{}
	err    error // of serving; read after done
}

var (
	mu   sync.Mutex // held while a server is put in place
	last *Server    // that was started in this process
)

var errRunning = errors.New("this process runs one already")

// Start serves the folder dir until Stop or the end of ctx; it returns when the server answers and its buckets exist.
//
// Errors: a second server in the process, a port that is taken, a folder that cannot be written.
func Start(ctx context.Context, dir string, o Options) (*Server, error) {
	s, err := start(ctx, dir, o)
	if err != nil {
		return nil, fmt.Errorf("start s3 server for %s: %w", dir, err)
	}
	return s, nil
}

func start(ctx context.Context, dir string, o Options) (*Server, error) {
	if o.AccessKey == "" {
		o.AccessKey = "segue"
	}
	if o.SecretKey == "" {
		o.SecretKey = rand.Text()
	}
	const tries = 10 // a free port may be taken between our looking and the gateway's listening
	for n := 1; ; n++ {
		s, err := serve(ctx, dir, o)
		if err == nil {
			return s, nil
		}
		if o.Port != 0 || n == tries || errors.Is(err, errRunning) || ctx.Err() != nil {
			return nil, err
		}
	}
}

// serve starts one gateway, after the end of one that is stopping, and waits until it answers.
func serve(ctx context.Context, dir string, o Options) (*Server, error) {
	mu.Lock()
	defer mu.Unlock()
	if last != nil {
		if last.ctx.Err() == nil {
			return nil, errRunning
		}
		<-last.done
	}
	store, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	addr, err := freeAddress(o.Port)
	if err != nil {
		return nil, err
	}
	s := &Server{Endpoint: "http://" + addr, AccessKey: o.AccessKey, SecretKey: o.SecretKey, done: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(ctx)
	go s.run(store, addr)
	last = s
	if err := s.prepare(s.ctx, addr, o.Buckets); err != nil {
		s.cancel()
		return nil, err
	}
	return s, nil
}

func (s *Server) run(store *posix.Posix, addr string) {
	defer close(s.done)
	defer s.cancel()
	root := auth.Account{Access: s.AccessKey, Secret: s.SecretKey, Role: auth.RoleAdmin}
	s.err = embedgw.RunVersityGW(s.ctx, store, &embedgw.Config{
		RootUserAccess: s.AccessKey, RootUserSecret: s.SecretKey, Region: Region, Ports: []string{addr},
		IAMService: auth.NewIAMServiceSingle(root), // given, because making one prints to standard output
		Quiet:      true, KeepAlive: true, MaxConnections: 1000, MaxRequests: 1000, MultipartMaxParts: 10_000,
	})
}

// freeAddress finds a loopback address nobody listens on.
func freeAddress(port int) (string, error) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// prepare waits until the server answers a signed request, which no other server on the port would, and makes the buckets.
func (s *Server) prepare(ctx context.Context, addr string, buckets []string) error {
	client, err := minio.New(addr, &minio.Options{Creds: credentials.NewStaticV4(s.AccessKey, s.SecretKey, ""), Region: Region, MaxRetries: 1})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		_, err := client.ListBuckets(ctx)
		if err == nil {
			break
		}
		if code := minio.ToErrorResponse(err).StatusCode; code == 401 || code == 403 {
			return fmt.Errorf("wait for %s: another server answers there", addr)
		}
		select {
		case <-s.done:
			return fmt.Errorf("listen on %s: the server ended: %w", addr, s.err)
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", addr, err)
		case <-tick.C:
		}
	}
	for _, b := range buckets {
		if err := client.MakeBucket(ctx, b, minio.MakeBucketOptions{}); err != nil && minio.ToErrorResponse(err).Code != "BucketAlreadyOwnedByYou" {
			return fmt.Errorf("make bucket %s: %w", b, err)
		}
	}
	return nil
}

// openFolder keeps metadata in extended attributes, or beside the objects where the file system has none.
func openFolder(dir string) (*posix.Posix, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	opts := posix.PosixOpts{
		CopyObjectThreshold: 5 << 30, // zero would refuse every copy
		DataIntegrityEtag:   true,    // ETags of the CRC it makes anyway, not of an MD5 beside it
	}
	if x := (meta.XattrMeta{}); x.Test(dir) == nil {
		return posix.New(dir, x, opts)
	}
	opts.SideCarDir = dir + ".meta"
	if err := os.MkdirAll(opts.SideCarDir, 0o755); err != nil {
		return nil, err
	}
	side, err := meta.NewSideCar(opts.SideCarDir)
	if err != nil {
		return nil, err
	}
	return posix.New(dir, side, opts)
}

// Environ returns the settings by which programs of the ecosystem find the server, as NAME=value.
func (s *Server) Environ() []string {
	return []string{
		"AWS_ENDPOINT_URL_S3=" + s.Endpoint, "AWS_REGION=" + Region,
		"AWS_ACCESS_KEY_ID=" + s.AccessKey, "AWS_SECRET_ACCESS_KEY=" + s.SecretKey,
	}
}

// stopWait is how long Stop waits for open connections; the gateway itself takes up to 10 s for unused ones.
const stopWait = time.Second

// Stop ends the server and returns its error, if it had one. It may be called again.
func (s *Server) Stop() error {
	s.cancel()
	select {
	case <-s.done:
		return s.err
	case <-time.After(stopWait):
		return nil
	}
}
