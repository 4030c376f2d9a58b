package kafkaio

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
)

// Await repeats a call, once a second, until brokers answer it, for at most so long: they may be starting, or choosing leaders.
// Any other error ends it at once: refused authentication, an unknown topic.
func Await(ctx context.Context, c Cluster, within time.Duration, call func() error) error {
	for began, told := time.Now(), false; ; told = true {
		err := call()
		if err == nil || !c.away(err) || time.Since(began) >= within {
			return err
		}
		if !told {
			slog.Warn("the brokers do not answer; they are waited for", "brokers", strings.Join(c.Brokers, ","), "for", within, "error", err)
		}
		if err := wait(ctx, time.Second); err != nil {
			return err
		}
	}
}

// awayCodes are what a broker says that will do better soon.
var awayCodes = []kafka.Error{
	kafka.LeaderNotAvailable, kafka.NotLeaderForPartition, kafka.RequestTimedOut, kafka.BrokerNotAvailable, kafka.ReplicaNotAvailable,
	kafka.NetworkException, kafka.GroupLoadInProgress, kafka.GroupCoordinatorNotAvailable, kafka.NotCoordinatorForGroup,
}

// away reports whether an error says that no broker is there to answer. One that hangs up on a login has answered.
func (c Cluster) away(err error) bool {
	var op *net.OpError
	switch {
	case errors.As(err, &op):
		return op.Op == "dial" || op.Op == "read" || op.Op == "write" // of TLS: "remote error"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return c.Mechanism == ""
	}
	return errors.Is(err, context.DeadlineExceeded) || slices.ContainsFunc(awayCodes, func(code kafka.Error) bool { return errors.Is(err, code) })
}
