package main

import (
	"os"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/transforms/io/kafkaio"
)

// kafkaSettings say how brokers are reached; the password stands in KAFKA_PASSWORD.
type kafkaSettings struct {
	Brokers   string `json:"brokers"`   // host:port,…
	Mechanism string `json:"mechanism"` // PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; "" = no login
	User      string `json:"user"`
	TLS       bool   `json:"tls"`
	CA        string `json:"ca"` // PEM file of authorities; "" = the system's
}

const passwordVariable = "KAFKA_PASSWORD"

const brokersFlag = "brokers"

func addBrokers(cmd *cobra.Command) {
	cmd.Flags().String(brokersFlag, "", "Kafka `brokers`, host:port,… (or SEGUE_KAFKA_BROKERS); kafka.tls, kafka.ca, kafka.mechanism and kafka.user are settings, KAFKA_PASSWORD the password")
}

// cluster returns how the brokers of a command are reached.
func (s *settings) cluster() (kafkaio.Cluster, error) {
	if s.Kafka.Brokers == "" {
		return kafkaio.Cluster{}, cli.Usage("--brokers is missing: give host:port of a broker, or set SEGUE_KAFKA_BROKERS")
	}
	c := kafkaio.Cluster{
		Brokers: kafkaio.ParseBrokers(s.Kafka.Brokers), TLS: s.Kafka.TLS, CAFile: s.Kafka.CA,
		Mechanism: s.Kafka.Mechanism, User: s.Kafka.User, PasswordEnv: passwordVariable,
	}
	if err := c.Validate(); err != nil {
		return c, cli.Usage("%s", err)
	}
	if _, set := os.LookupEnv(passwordVariable); !set && c.Mechanism != "" {
		return c, cli.Usage("kafka.mechanism is %s: set %s to the password of %s", c.Mechanism, passwordVariable, c.User)
	}
	return c, nil
}

// clusterOf returns how the brokers of a command are reached.
func clusterOf(cmd *cobra.Command) (kafkaio.Cluster, error) {
	s, _, err := load(cmd)
	if err != nil {
		return kafkaio.Cluster{}, err
	}
	return s.cluster()
}
