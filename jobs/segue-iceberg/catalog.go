package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	_ "github.com/apache/iceberg-go/catalog/rest"
	sqlcatalog "github.com/apache/iceberg-go/catalog/sql"
	icebergio "github.com/apache/iceberg-go/io"
	_ "modernc.org/sqlite"
)

// catalogName is the name under which a SQLite catalog keeps its tables; readers give the same.
const catalogName = "segue"

// openedCatalog is a catalog with what its tables' files are reached by.
type openedCatalog struct {
	catalog.Catalog
	props iceberg.Properties
	close func()
}

// openCatalog opens sqlite:FILE, made when missing, or a REST catalog by its address. Credentials come from the environment
// alone: those of AWS for files, ICEBERG_TOKEN or ICEBERG_CREDENTIAL (client:secret) for REST.
func openCatalog(ctx context.Context, address, warehouse string) (*openedCatalog, error) {
	props := storeProps()
	if warehouse != "" {
		props["warehouse"] = warehouse
	}
	file, isFile := strings.CutPrefix(address, "sqlite:")
	if !isFile {
		return openREST(ctx, address, props)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of catalog %s: %w", address, err)
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: file, RawQuery: "_pragma=busy_timeout(10000)"}).String())
	if err != nil {
		return nil, fmt.Errorf("open catalog %s: %w", address, err)
	}
	props["init_catalog_tables"] = "true"
	c, err := sqlcatalog.NewCatalog(catalogName, db, sqlcatalog.SQLite, props)
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("open catalog %s: %w", address, err)
	}
	return &openedCatalog{c, props, func() { db.Close() }}, nil
}

func openREST(ctx context.Context, address string, props iceberg.Properties) (*openedCatalog, error) {
	props["type"], props["uri"] = "rest", address
	for key, variable := range map[string]string{"token": "ICEBERG_TOKEN", "credential": "ICEBERG_CREDENTIAL"} {
		if v := os.Getenv(variable); v != "" {
			props[key] = v
		}
	}
	c, err := catalog.Load(ctx, catalogName, props)
	if err != nil {
		return nil, fmt.Errorf("open catalog %s: %w", address, err)
	}
	return &openedCatalog{c, props, func() {}}, nil
}

// storeProps says where objects are by the variables segue itself reads; keys and tokens the AWS client takes from there itself.
func storeProps() iceberg.Properties {
	props := iceberg.Properties{}
	for _, variable := range []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"} {
		if v := os.Getenv(variable); v != "" {
			props[icebergio.S3EndpointURL] = v
		}
	}
	return props
}
