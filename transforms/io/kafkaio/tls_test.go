package kafkaio

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"segue/local/kafka"
)

// certificate makes a certificate for a host that is its own authority, and its PEM file.
func certificate(t *testing.T, host string) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if ip := net.ParseIP(host); ip != nil {
		c.IPAddresses = []net.IP{ip}
	} else {
		c.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

// Over TLS, with a password too, records are written and read; an authority that is not known, another name, plain text and a file
// that is no certificate are refused within seconds.
func TestTLS(t *testing.T) {
	cert, ca := certificate(t, "127.0.0.1")
	wrongName, wrongCA := certificate(t, "elsewhere.example")
	t.Setenv("RIGHT", "right")
	c, _ := embedded(t, kafka.Options{
		TLS: &tls.Config{Certificates: []tls.Certificate{cert}}, Topics: map[string]int32{"plays": 1},
		Mechanism: ScramSHA512, User: "segue", Password: "right",
	})
	plain := c
	c.CAFile, c.Mechanism, c.User, c.PasswordEnv = ca, ScramSHA512, "segue", "RIGHT"
	produce(t, c, "plays", 0, 10)
	spans := spansOf(t, c, "plays", Earliest(), Latest())
	batches, err := read(t, c, spans, ReadParams{})
	if got := checkChain(t, spans, batches); err != nil || len(got) != 10 {
		t.Errorf("read %d records of 10, error %v", len(got), err)
	}
	unknown, named, empty := c, c, c
	unknown.CAFile = wrongCA
	other, _ := embedded(t, kafka.Options{TLS: &tls.Config{Certificates: []tls.Certificate{wrongName}}, Topics: map[string]int32{"plays": 1}})
	named.Brokers, named.CAFile = other.Brokers, wrongCA
	empty.CAFile = filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty.CAFile, []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		c    Cluster
		want string
	}{
		"unknown authority": {unknown, "certificate"},
		"another name":      {named, "certificate"},
		"plain text":        {plain, c.Brokers[0]},
		"no certificate":    {empty, "holds no PEM certificate"},
	} {
		began := time.Now()
		_, err := Spans(t.Context(), x.c, "plays", Earliest(), Latest())
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, x.want)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%s: refused after %v", name, took)
		}
	}
}
