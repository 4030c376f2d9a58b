package importer

import "fmt"

// parser reads one file record by record.
type parser struct {
	layout    *layout
	rec       record
	seen      [fieldCount]bool
	names     map[string]string // of keys of JSON objects, as columns
	objects   int64             // JSON records that could be read
	emit      func(*record) error
	unmatched func(column string)
}

// at puts the position in front of an error.
func (p *parser) at(pos int64, err error) error {
	return fmt.Errorf("record at %d: %w", pos, err)
}

// parse reads a file to its end and returns the SHA-256 of its bytes.
// Errors: a file that cannot be read to its end, or has no column a field needs.
func (p *parser) parse(f file) ([]byte, error) {
	if f.shape == shapeParquet {
		return p.readParquet(f.path)
	}
	c, err := f.open()
	if err != nil {
		return nil, err
	}
	defer c.close()
	switch f.shape {
	case shapeCSV:
		err = p.readCSV(c.Reader, ',')
	case shapeTSV:
		err = p.readCSV(c.Reader, '\t')
	case shapeJSON:
		err = p.readJSON(c.Reader)
	default:
		err = p.readLines(c.Reader)
	}
	if err == nil && p.objects > 0 {
		err = p.layout.missing(p.seen[:])
	}
	if err != nil {
		return nil, err
	}
	return c.finish()
}
