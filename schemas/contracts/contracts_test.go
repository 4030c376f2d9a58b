package contracts_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"segue/schemas"
	"segue/schemas/contracts"
)

type property struct {
	Name, LogicalType, PhysicalType, Description string
	Required, PrimaryKey                         bool
	PrimaryKeyPosition                           int
	Items                                        *property
	Properties                                   []property
}

type contract struct {
	APIVersion, Kind, Name, Version string
	Schema                          []struct {
		Name             string
		Properties       []property
		CustomProperties []struct {
			Property string
			Value    []string
		}
	}
}

// lower folds the case of all keys, so that the fields above need no tags.
func lower(n *yaml.Node) {
	if n.Kind == yaml.MappingNode {
		for i := 0; i < len(n.Content); i += 2 {
			n.Content[i].Value = strings.ToLower(n.Content[i].Value)
		}
	}
	for _, c := range n.Content {
		lower(c)
	}
}

func parse(t *testing.T, table string) contract {
	t.Helper()
	data, ok := contracts.Contract(table)
	if !ok {
		t.Fatalf("no contract for table %s", table)
	}
	var node yaml.Node
	if err := yaml.Unmarshal(data, &node); err != nil {
		t.Fatal(err)
	}
	lower(&node)
	var c contract
	if err := node.Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c
}

// Every contract has the columns, types, nullability, key and order of the table's row.
func TestContractsMatchRows(t *testing.T) {
	for _, table := range schemas.Tables() {
		t.Run(table.Name, func(t *testing.T) {
			c := parse(t, table.Name)
			if c.APIVersion != "v3.1.0" || c.Kind != "DataContract" || c.Name != table.Name || len(c.Schema) != 1 || c.Schema[0].Name != table.Name {
				t.Fatalf("head %+v", c)
			}
			if major, _, _ := strings.Cut(c.Version, "."); major != string(rune('0'+table.Version)) {
				t.Errorf("version %s, want major %d", c.Version, table.Version)
			}
			key := make([]string, len(table.Key))
			for _, p := range c.Schema[0].Properties {
				if p.PrimaryKey {
					key[p.PrimaryKeyPosition-1] = p.Name
				}
			}
			if !slices.Equal(key, table.Key) {
				t.Errorf("key %v, want %v", key, table.Key)
			}
			if custom := c.Schema[0].CustomProperties; len(custom) != 1 || custom[0].Property != "sortOrder" || !slices.Equal(custom[0].Value, table.Order) {
				t.Errorf("order %+v, want %v", custom, table.Order)
			}
			matchFields(t, table.Row, c.Schema[0].Properties)
		})
	}
}

func matchFields(t *testing.T, row reflect.Type, properties []property) {
	t.Helper()
	if len(properties) != row.NumField() {
		t.Errorf("%s has %d fields, its contract %d columns", row, row.NumField(), len(properties))
		return
	}
	for i, p := range properties {
		f := row.Field(i)
		if name, _, _ := strings.Cut(f.Tag.Get("parquet"), ","); p.Name != name {
			t.Errorf("column %d of %s is %s, want %s", i, row, p.Name, name)
		}
		if p.Required != (f.Type.Kind() != reflect.Pointer) {
			t.Errorf("column %s: required is %v", p.Name, p.Required)
		}
		if p.Description == "" {
			t.Errorf("column %s: no description", p.Name)
		}
		matchType(t, f.Type, p)
	}
}

func matchType(t *testing.T, typ reflect.Type, p property) {
	t.Helper()
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	want := map[reflect.Kind]string{
		reflect.String: "string BYTE_ARRAY (STRING)", reflect.Bool: "boolean BOOLEAN", reflect.Int32: "integer INT32", reflect.Int64: "integer INT64",
		reflect.Float32: "number FLOAT", reflect.Float64: "number DOUBLE", reflect.Slice: "array LIST", reflect.Struct: "object group",
	}[typ.Kind()]
	if typ == reflect.TypeFor[time.Time]() {
		want = "timestamp INT64 (TIMESTAMP(isAdjustedToUTC=true,unit=MICROS))"
	}
	if got := p.LogicalType + " " + p.PhysicalType; got != want {
		t.Errorf("column %s is %s, want %s", p.Name, got, want)
		return
	}
	switch p.LogicalType {
	case "array":
		matchType(t, typ.Elem(), *p.Items)
	case "object":
		matchFields(t, typ, p.Properties)
	}
}

// A table that is not published has no contract.
func TestUnknownTable(t *testing.T) {
	if _, ok := contracts.Contract("nothing"); ok {
		t.Error("found a contract")
	}
}
