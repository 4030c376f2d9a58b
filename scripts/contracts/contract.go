package main

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"segue/schemas"
)

// contract is the part of the Open Data Contract Standard v3.1.0 that a table uses.
type contract struct {
	APIVersion  string      `yaml:"apiVersion"`
	Kind        string      `yaml:"kind"`
	ID          string      `yaml:"id"`
	Name        string      `yaml:"name"`
	Version     string      `yaml:"version"`
	Status      string      `yaml:"status"`
	DataProduct string      `yaml:"dataProduct"`
	Description description `yaml:"description"`
	Schema      []object    `yaml:"schema"`
}

type description struct {
	Purpose     string `yaml:"purpose"`
	Usage       string `yaml:"usage"`
	Limitations string `yaml:"limitations"`
}

type object struct {
	Name             string     `yaml:"name"`
	PhysicalName     string     `yaml:"physicalName"`
	LogicalType      string     `yaml:"logicalType"`
	PhysicalType     string     `yaml:"physicalType"`
	Description      string     `yaml:"description"`
	Granularity      string     `yaml:"dataGranularityDescription"`
	Properties       []property `yaml:"properties"`
	Quality          []quality  `yaml:"quality"`
	CustomProperties []custom   `yaml:"customProperties"`
}

type property struct {
	Name         string     `yaml:"name,omitempty"`
	LogicalType  string     `yaml:"logicalType"`
	PhysicalType string     `yaml:"physicalType"`
	Description  string     `yaml:"description,omitempty"`
	Required     bool       `yaml:"required"`
	PrimaryKey   bool       `yaml:"primaryKey,omitempty"`
	KeyPosition  int        `yaml:"primaryKeyPosition,omitempty"`
	Items        *property  `yaml:"items,omitempty"`
	Properties   []property `yaml:"properties,omitempty"`
}

type quality struct {
	Type        string              `yaml:"type"`
	Metric      string              `yaml:"metric"`
	MustBe      int                 `yaml:"mustBe"`
	Arguments   map[string][]string `yaml:"arguments"`
	Description string              `yaml:"description"`
}

type custom struct {
	Property string   `yaml:"property"`
	Value    []string `yaml:"value"`
}

// contractOf describes a published table.
func contractOf(t schemas.Table, c comments) (contract, error) {
	properties, err := propertiesOf(t.Row, c)
	if err != nil {
		return contract{}, fmt.Errorf("describe table %s: %w", t.Name, err)
	}
	for i := range properties {
		if at := slices.Index(t.Key, properties[i].Name); at >= 0 {
			properties[i].PrimaryKey, properties[i].KeyPosition = true, at+1
		}
	}
	return contract{
		APIVersion: "v3.1.0", Kind: "DataContract", ID: "segue." + t.Name, Name: t.Name,
		Version: fmt.Sprintf("%d.0.0", t.Version), Status: "active", DataProduct: "segue",
		Description: description{
			Purpose:     t.Doc,
			Usage:       "Follow current.json to the manifest of its run and read the files it lists; segue inspect files " + t.Name + " prints them.",
			Limitations: "Written once a night and never changed; files the manifest does not name are not part of the table.",
		},
		Schema: []object{{
			Name: t.Name, PhysicalName: "runs/<run>/tables/" + t.Name, LogicalType: "object", PhysicalType: "parquet",
			Description: c[t.Row.Name()], Granularity: "one row a " + phrase(t.Key), Properties: properties,
			Quality: []quality{{
				Type: "library", Metric: "duplicateValues", MustBe: 0, Arguments: map[string][]string{"properties": t.Key},
				Description: "No two rows have the same key.",
			}},
			CustomProperties: []custom{{Property: "sortOrder", Value: t.Order}},
		}},
	}, nil
}

// phrase joins column names as in "region, hour and device".
func phrase(names []string) string {
	text := names[0]
	for i, name := range names[1:] {
		if i == len(names)-2 {
			text += " and " + name
		} else {
			text += ", " + name
		}
	}
	return text
}

func propertiesOf(row reflect.Type, c comments) ([]property, error) {
	var out []property
	for i := range row.NumField() {
		f := row.Field(i)
		p, err := propertyOf(f.Type, c)
		if err != nil {
			return nil, fmt.Errorf("field %s.%s: %w", row.Name(), f.Name, err)
		}
		p.Name, p.Required, p.Description = column(f), !optional(f), c.field(row, f)
		if p.Name == "" || p.Description == "" {
			return nil, fmt.Errorf("field %s.%s: has no column name, or no comment that says what it means", row.Name(), f.Name)
		}
		out = append(out, p)
	}
	return out, nil
}

// propertyOf maps a Go type to a logical type and the Parquet type that holds it.
func propertyOf(t reflect.Type, c comments) (property, error) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return property{LogicalType: "timestamp", PhysicalType: "INT64 (TIMESTAMP(isAdjustedToUTC=true,unit=MICROS))"}, nil
	case t.Kind() == reflect.Slice:
		item, err := propertyOf(t.Elem(), c)
		item.Required = true
		return property{LogicalType: "array", PhysicalType: "LIST", Items: &item}, err
	case t.Kind() == reflect.Struct:
		fields, err := propertiesOf(t, c)
		return property{LogicalType: "object", PhysicalType: "group", Properties: fields}, err
	}
	types := map[reflect.Kind]property{
		reflect.String:  {LogicalType: "string", PhysicalType: "BYTE_ARRAY (STRING)"},
		reflect.Bool:    {LogicalType: "boolean", PhysicalType: "BOOLEAN"},
		reflect.Int32:   {LogicalType: "integer", PhysicalType: "INT32"},
		reflect.Int64:   {LogicalType: "integer", PhysicalType: "INT64"},
		reflect.Float32: {LogicalType: "number", PhysicalType: "FLOAT"},
		reflect.Float64: {LogicalType: "number", PhysicalType: "DOUBLE"},
	}
	p, ok := types[t.Kind()]
	if !ok {
		return p, fmt.Errorf("no row may hold %s", t)
	}
	return p, nil
}
