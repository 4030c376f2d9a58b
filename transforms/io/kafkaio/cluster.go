package kafkaio

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
)

// Ways to authenticate.
const (
	PLAIN       = "PLAIN"
	ScramSHA256 = "SCRAM-SHA-256"
	ScramSHA512 = "SCRAM-SHA-512"
)

// Cluster says how to reach brokers. It becomes part of the pipeline's graph, which others may read: the password is
// therefore named by the environment variable that holds it on every worker.
type Cluster struct {
	Brokers     []string // host:port of some brokers; the rest is learnt from them
	ClientID    string   // for the brokers' logs and quotas; default segue
	TLS         bool     // encrypt
	CAFile      string   // PEM file of authorities; "" = the system's; implies TLS
	Mechanism   string   // PLAIN, ScramSHA256 or ScramSHA512; "" = no authentication
	User        string
	PasswordEnv string // environment variable with the password
}

// ParseBrokers returns the brokers of a list by commas, such as that of a flag; blanks around them do not count.
func ParseBrokers(list string) []string {
	brokers := strings.Split(list, ",")
	for i := range brokers {
		brokers[i] = strings.TrimSpace(brokers[i])
	}
	return brokers
}

// Validate reports everything that is wrong with c.
func (c Cluster) Validate() error {
	var all []error
	if len(c.Brokers) == 0 {
		all = append(all, errors.New("no brokers given"))
	}
	for _, b := range c.Brokers {
		if !strings.Contains(b, ":") {
			all = append(all, fmt.Errorf("broker %q is not host:port", b))
		}
	}
	switch c.Mechanism {
	case "":
	case PLAIN, ScramSHA256, ScramSHA512:
		if c.User == "" {
			all = append(all, fmt.Errorf("%s needs a user", c.Mechanism))
		}
	default:
		all = append(all, fmt.Errorf("unknown mechanism %q: want %s, %s or %s", c.Mechanism, PLAIN, ScramSHA256, ScramSHA512))
	}
	return errors.Join(all...)
}

// id names the cluster among those of the process.
func (c Cluster) id() string {
	return strings.Join(append([]string{c.Mechanism, c.User, c.CAFile}, c.Brokers...), " ")
}

func (c Cluster) clientID() string {
	if c.ClientID == "" {
		return "segue"
	}
	return c.ClientID
}

func (c Cluster) tls() (*tls.Config, error) {
	if !c.TLS && c.CAFile == "" {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CAFile == "" {
		return config, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read certificate authorities: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read certificate authorities: %s holds no PEM certificate", c.CAFile)
	}
	return config, nil
}

func (c Cluster) sasl() (sasl.Mechanism, error) {
	if c.Mechanism == "" {
		return nil, nil
	}
	password, ok := os.LookupEnv(c.PasswordEnv)
	if !ok {
		return nil, fmt.Errorf("environment variable %q with the password of %s is not set", c.PasswordEnv, c.User)
	}
	switch c.Mechanism {
	case ScramSHA256:
		return scram.Mechanism(scram.SHA256, c.User, password)
	case ScramSHA512:
		return scram.Mechanism(scram.SHA512, c.User, password)
	default:
		return plain.Mechanism{Username: c.User, Password: password}, nil
	}
}

const (
	dialTimeout = 5 * time.Second
	callTimeout = 10 * time.Second
)

func (c Cluster) dialer() (*kafka.Dialer, error) {
	t, err := c.tls()
	if err != nil {
		return nil, err
	}
	m, err := c.sasl()
	return &kafka.Dialer{ClientID: c.clientID(), Timeout: dialTimeout, TLS: t, SASLMechanism: m}, err
}

// client is for everything but reading and writing records. Close its idle connections by done.
func (c Cluster) client() (cl *kafka.Client, done func(), err error) {
	t, err := c.tls()
	if err != nil {
		return nil, nil, err
	}
	m, err := c.sasl()
	if err != nil {
		return nil, nil, err
	}
	tr := &kafka.Transport{ClientID: c.clientID(), DialTimeout: dialTimeout, MetadataTTL: 2 * time.Second, TLS: t, SASL: m}
	return &kafka.Client{Addr: kafka.TCP(c.Brokers...), Transport: tr, Timeout: callTimeout}, tr.CloseIdleConnections, nil
}

// leaders yields the broker that leads each partition of a topic, by partition number.
//
// Errors: no broker answers, authentication is refused, the topic does not exist, a partition without leader.
func (c Cluster) leaders(ctx context.Context, cl *kafka.Client, topic string) ([]kafka.Partition, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	m, err := cl.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{topic}})
	if err != nil {
		return nil, fmt.Errorf("ask brokers %s: %w", strings.Join(c.Brokers, ", "), c.explain(err))
	}
	if len(m.Topics) != 1 {
		return nil, fmt.Errorf("ask brokers %s: no answer about topic %q", strings.Join(c.Brokers, ", "), topic)
	}
	if err := m.Topics[0].Error; err != nil {
		return nil, fmt.Errorf("find topic %q: %w", topic, err)
	}
	parts := make([]kafka.Partition, len(m.Topics[0].Partitions))
	for _, p := range m.Topics[0].Partitions {
		if p.Error != nil {
			return nil, fmt.Errorf("find partition %d of topic %q: %w", p.ID, topic, p.Error)
		}
		if p.ID < 0 || p.ID >= len(parts) {
			return nil, fmt.Errorf("find partitions of topic %q: number %d among %d", topic, p.ID, len(parts))
		}
		parts[p.ID] = p
		parts[p.ID].Topic = topic
	}
	return parts, nil
}

// explain says what a connection that ends while it is opened means: some brokers hang up on a wrong password.
func (c Cluster) explain(err error) error {
	if c.Mechanism == "" || !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return fmt.Errorf("%w: the broker hung up on user %q by %s: look at the password in %s, and whether it wants TLS", err, c.User, c.Mechanism, c.PasswordEnv)
}

// Partitions yields how many partitions a topic has: for jobs that must refuse a topic that grew under them.
func Partitions(ctx context.Context, c Cluster, topic string) (int, error) {
	cl, done, err := c.client()
	if err != nil {
		return 0, err
	}
	defer done()
	parts, err := c.leaders(ctx, cl, topic)
	return len(parts), err
}
