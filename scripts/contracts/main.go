// Command contracts writes what can be derived from the rows in schemas: a data contract for each published table and
// the data dictionary. Run it from the root of the repository: go run ./scripts/contracts
//
//	main.go        writes the files
//	contract.go    a table as Open Data Contract Standard v3.1.0
//	dictionary.go  schemas/README.md
//	comments.go    what a column means, from the comments of the structs
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"segue/schemas"
)

func main() {
	if err := write("."); err != nil {
		fmt.Fprintln(os.Stderr, "contracts:", err)
		os.Exit(1)
	}
}

// write writes all derived files below the root of the repository.
func write(root string) error {
	files, err := derive(filepath.Join(root, "schemas"))
	if err != nil {
		return err
	}
	for name, data := range files {
		path := filepath.Join(root, "schemas", name)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// derive returns all derived files by their path below schemas.
func derive(dir string) (map[string][]byte, error) {
	c, err := readComments(dir)
	if err != nil {
		return nil, err
	}
	text, err := dictionary(c)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{"README.md": []byte(text)}
	for _, t := range schemas.Tables() {
		k, err := contractOf(t, c)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		b.WriteString("# Made from schemas by go run ./scripts/contracts; change the struct, not this file.\n")
		e := yaml.NewEncoder(&b)
		e.SetIndent(2)
		if err := e.Encode(k); err != nil {
			return nil, fmt.Errorf("encode contract %s: %w", t.Name, err)
		}
		files[filepath.Join("contracts", t.Name+".odcs.yaml")] = b.Bytes()
	}
	return files, nil
}
