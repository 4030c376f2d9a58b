package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// File applies a YAML file: sections as mappings, or keys with dots. An empty file is none.
// Errors: a file that cannot be read, is no mapping, or holds an unknown or repeated key; each names file and line.
func (r *Registry) File(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%w: read config: %w", ErrConfig, err)
	}
	defer f.Close()
	var doc yaml.Node
	if err := yaml.NewDecoder(f).Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: read config %s: %w", ErrConfig, path, err)
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return r.mapping(path, "", doc.Content[0], map[string]bool{})
}

func (r *Registry) mapping(path, prefix string, node *yaml.Node, seen map[string]bool) error {
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("%w: %s:%d: want keys and values", ErrConfig, path, node.Line)
	}
	for i := 0; i < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		key := strings.Trim(prefix+"."+name.Value, ".")
		if _, leaf := r.leaves[key]; !leaf && value.Kind == yaml.MappingNode && r.isSection(key) {
			if err := r.mapping(path, key, value, seen); err != nil {
				return err
			}
			continue
		}
		if seen[key] {
			return fmt.Errorf("%w: %s:%d: key %s stands there twice", ErrConfig, path, name.Line, key)
		}
		seen[key] = true
		if err := r.node(key, value, fmt.Sprintf("file %s:%d", path, name.Line)); err != nil {
			return err
		}
	}
	return nil
}

func (r *Registry) node(key string, value *yaml.Node, source string) error {
	if value.Kind == yaml.ScalarNode {
		return r.Set(key, value.Value, source)
	}
	text, err := yaml.Marshal(value)
	if err != nil {
		return fmt.Errorf("%w: %s (%s): %w", ErrConfig, key, source, err)
	}
	if l, err := r.find(key, source); err != nil {
		return err
	} else if l.field.Kind() != reflect.Slice {
		return fmt.Errorf("%w: %s (%s): want a %s", ErrConfig, key, source, typeName(l.field.Type()))
	}
	return r.Set(key, string(text), source)
}

func (r *Registry) isSection(key string) bool {
	return slices.ContainsFunc(r.order, func(k string) bool { return strings.HasPrefix(k, key+".") })
}

// Environ applies variables PREFIX_<SECTION>_<KEY>, such as SEGUE_EMBED_DIM for embed.dim. An empty one counts as not set.
//
// Errors: a variable of a known section with an unknown key. Other variables with the prefix are left alone: systems that
// start programs set such ones too (SEGUE_SERVICE_HOST).
func (r *Registry) Environ(prefix string, environ []string) error {
	names := map[string]string{}
	for _, key := range r.order {
		names[prefix+"_"+variable(key)] = key
	}
	environ = slices.Clone(environ)
	slices.Sort(environ)
	for _, entry := range environ {
		name, text, _ := strings.Cut(entry, "=")
		if text == "" {
			continue
		}
		key, known := names[name]
		if !known {
			if key = r.guess(prefix, name); key == "" {
				continue
			}
		}
		if err := r.Set(key, text, "environment "+name); err != nil {
			return err
		}
	}
	return nil
}

// guess returns the unknown key that a variable of a known section means; "" for a variable of no section.
func (r *Registry) guess(prefix, name string) string {
	rest, ours := strings.CutPrefix(name, prefix+"_")
	section, field, deep := strings.Cut(strings.ToLower(rest), "_")
	if ours && deep && r.isSection(section) {
		return section + "." + field
	}
	return ""
}

func variable(key string) string {
	return strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}
