// Package kafka runs a Kafka broker inside this process, for tests and the demo: never link it into a production binary.
//
//	broker.go  Start, Broker
//	real.sh    a real Apache Kafka from Maven packages, to run the same tests against
//
// It accepts what a real broker refuses: records without key on compacted topics, unknown settings, times far ahead.
package kafka

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"
)

// Options says what a broker is started with.
type Options struct {
	Dir       string           // folder that keeps the records; "" = memory
	Port      int              // 0 = any free port
	Topics    map[string]int32 // made when missing: partitions by name
	Mechanism string           // PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512: clients must log in; "" = they need not
	User      string
	Password  string
	TLS       *tls.Config // nil = plain text
}

// Broker is a running broker.
type Broker struct {
	Address string // 127.0.0.1:port
	cluster *kfake.Cluster
}

// Start runs one broker on loopback until Close.
//
// Errors: a port that is taken, a folder that cannot be used.
func Start(o Options) (*Broker, error) {
	b, err := start(o)
	if err != nil {
		return nil, fmt.Errorf("start kafka broker: %w", err)
	}
	return b, nil
}

func start(o Options) (*Broker, error) {
	// kfake listens on 127.0.0.1.
	opts := []kfake.Opt{kfake.NumBrokers(1), kfake.Ports(o.Port)}
	if o.Dir != "" {
		if err := os.MkdirAll(o.Dir, 0o755); err != nil {
			return nil, err
		}
		opts = append(opts, kfake.DataDir(o.Dir))
	}
	for name, partitions := range o.Topics {
		opts = append(opts, kfake.SeedTopics(partitions, name))
	}
	if o.Mechanism != "" {
		opts = append(opts, kfake.EnableSASL(), kfake.Superuser(o.Mechanism, o.User, o.Password))
	}
	if o.TLS != nil {
		opts = append(opts, kfake.TLS(o.TLS))
	}
	cluster, err := kfake.NewCluster(opts...)
	if err != nil {
		return nil, err
	}
	return &Broker{Address: cluster.ListenAddrs()[0], cluster: cluster}, nil
}

// Close ends the broker; records in a folder stay there.
func (b *Broker) Close() { b.cluster.Close() }

// CreateTopic makes a topic with settings as of a real broker.
func (b *Broker) CreateTopic(name string, partitions int32, settings map[string]string) error {
	return b.cluster.CreateTopic(name, partitions, settings)
}

// GrowTopic gives a topic more partitions; its records stay where they are.
func (b *Broker) GrowTopic(ctx context.Context, name string, partitions int32) error {
	client := kafka.Client{Addr: kafka.TCP(b.Address)}
	res, err := client.CreatePartitions(ctx, &kafka.CreatePartitionsRequest{Topics: []kafka.TopicPartitionsConfig{{Name: name, Count: partitions}}})
	if err != nil {
		return err
	}
	return res.Errors[name]
}

// DeleteTopic removes a topic and its records.
func (b *Broker) DeleteTopic(name string) error { return b.cluster.DeleteTopic(name) }

// DeleteRecords removes the records of a partition before an offset, as retention does.
func (b *Broker) DeleteRecords(topic string, partition int32, before int64) error {
	return b.cluster.DeleteRecords(topic, partition, before)
}
