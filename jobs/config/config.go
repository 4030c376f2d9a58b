// Package config fills a struct of settings from a YAML file, the environment and flags, and remembers where each value
// came from.
//
//	config.go   Registry: the keys of a struct, one a leaf, named by json tags
//	layers.go   file and environment
//
// A key is the path of json tags joined by dots: embed.dim. The caller applies layers from weak to strong: file,
// environment, flags; the later one wins. Unknown keys are errors that name the nearest key.
package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"segue/jobs/nearest"
)

// ErrConfig marks every error of this package: the caller's settings are wrong, not the program.
var ErrConfig = errors.New("invalid setting")

// Value is one effective setting.
type Value struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Source string `json:"source"` // default, file F:LINE, environment NAME, or flag --F
}

// Registry holds the keys of one struct. Not safe for concurrent use.
type Registry struct {
	order  []string
	leaves map[string]*leaf
}

type leaf struct {
	field  reflect.Value
	source string
}

// New returns the registry of the struct target points to; its present values are the defaults.
// A struct without json tag, such as an embedded one, adds no part to the names of its keys; a tag "-" hides a field.
func New(target any) *Registry {
	r := &Registry{leaves: map[string]*leaf{}}
	r.walk("", reflect.ValueOf(target).Elem())
	return r
}

func (r *Registry) walk(prefix string, v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		key := strings.Trim(prefix+"."+name, ".")
		if f.Type.Kind() == reflect.Struct {
			r.walk(key, v.Field(i))
			continue
		}
		r.order = append(r.order, key)
		r.leaves[key] = &leaf{field: v.Field(i), source: "default"}
	}
}

// Source returns where the value of a key came from; "" for an unknown key.
func (r *Registry) Source(key string) string {
	if l, ok := r.leaves[key]; ok {
		return l.source
	}
	return ""
}

// Set gives a key the value that text says; a list is written a,b,c or as YAML.
// Errors: an unknown key, or a text of another type.
func (r *Registry) Set(key, text, source string) error {
	l, err := r.find(key, source)
	if err != nil {
		return err
	}
	fresh := reflect.New(l.field.Type()).Elem()
	if err := parse(fresh, text); err != nil {
		return fmt.Errorf("%w: %s (%s): %q is no %s", ErrConfig, key, source, text, typeName(fresh.Type()))
	}
	l.field.Set(fresh)
	l.source = source
	return nil
}

// Assign is Set from the text key=value.
func (r *Registry) Assign(text, source string) error {
	key, value, ok := strings.Cut(text, "=")
	if !ok {
		return fmt.Errorf("%w: %s %s: it must read key=value, such as embed.dim=64", ErrConfig, source, text)
	}
	return r.Set(strings.TrimSpace(key), value, source)
}

func (r *Registry) find(key, source string) (*leaf, error) {
	if l, ok := r.leaves[key]; ok {
		return l, nil
	}
	return nil, fmt.Errorf("%w: unknown key %s (%s)%s", ErrConfig, key, source, nearest.Hint(key, r.order))
}

// Values returns every key with its effective value, as JSON where it is no plain text, in the order of the struct.
func (r *Registry) Values() []Value {
	var out []Value
	for _, key := range r.order {
		l := r.leaves[key]
		text := l.field.String()
		if l.field.Kind() != reflect.String {
			b, err := json.Marshal(l.field.Interface())
			if err != nil {
				panic(fmt.Sprintf("config: encode %s: %v", key, err))
			}
			text = string(b)
		}
		out = append(out, Value{key, text, l.source})
	}
	return out
}

// parse reads text into v, which has one of the kinds that typeName knows.
func parse(v reflect.Value, text string) error {
	var err error
	switch kind := v.Kind(); kind {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(text)
		v.SetBool(b)
	case reflect.Float32, reflect.Float64:
		var f float64
		if f, err = strconv.ParseFloat(text, v.Type().Bits()); math.IsNaN(f) || math.IsInf(f, 0) {
			err = strconv.ErrRange
		}
		v.SetFloat(f)
	case reflect.Int, reflect.Int32, reflect.Int64:
		var i int64
		i, err = strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(i)
	case reflect.Uint, reflect.Uint32, reflect.Uint64:
		var u uint64
		u, err = strconv.ParseUint(text, 10, v.Type().Bits())
		v.SetUint(u)
	case reflect.Slice:
		err = parseList(v, text)
	default:
		panic("config: no settings of kind " + kind.String())
	}
	return err
}

// parseList reads a YAML list, or the same without brackets.
func parseList(v reflect.Value, text string) error {
	if t := strings.TrimSpace(text); !strings.HasPrefix(t, "[") && !strings.HasPrefix(t, "-") {
		text = "[" + text + "]"
	}
	var items []string
	if err := yaml.Unmarshal([]byte(text), &items); err != nil {
		return err
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		if err := parse(v.Index(i), item); err != nil {
			return err
		}
	}
	return nil
}

// typeName says what a reader of an error must write.
func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "number"
	case reflect.Slice:
		return "list of " + typeName(t.Elem())
	case reflect.String:
		return "text"
	case reflect.Uint, reflect.Uint64, reflect.Uint32:
		return "whole number from 0"
	case reflect.Int, reflect.Int64, reflect.Int32:
		return "whole number"
	}
	return t.String()
}
