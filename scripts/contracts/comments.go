package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// words explains columns whose meaning is the same wherever they stand, for fields without a comment of their own.
var words = map[string]string{
	"song_id":        "id of the song",
	"neighbour_id":   "song_id of the similar song",
	"user_id":        "id of the listener",
	"title":          "title of the song",
	"artists":        "names, main artist first; empty = unknown",
	"artist_ids":     "ids in the order of artists",
	"album":          `name of the album; "" = unknown`,
	"genres":         "genres as given; empty = unknown",
	"moods":          "moods as given; empty = unknown",
	"countries":      "ISO codes where it may be played; empty = everywhere",
	"artist_country": `ISO code; "" = unknown`,
	"release_date":   `YYYY, YYYY-MM or YYYY-MM-DD; "" = unknown`,
	"region":         "ISO code of the country; world = all together",
	"device":         "kind of device; all = summed over, unknown = not given",
	"rank":           "place in the list, from 1",
	"score":          "what the list is ordered by, falling",
	"plays":          "events of kind play",
	"listeners":      "distinct listeners",
	"skips":          "plays that were skipped",
	"likes":          "songs liked and not unliked since",
	"share":          "part of the whole, in [0,1]",
	"same_artist":    "whether the two songs share an artist",
	"first_play_at":  "start of the first play, UTC; null = none",
	"last_play_at":   "start of the last play, UTC; null = none",
	"started_at":     "start of the first play, UTC",
	"signed_up_at":   "when the listener signed up, UTC; null = unknown",
	"list":           "name of the list: general, or a context",
	"taste":          "how well the song fits the listener's taste, in [0,1]",
	"context":        "how well it fits the context, in [0,1]",
	"popularity":     "how much it is heard in the listener's region, in [0,1]",
	"w_taste":        "weight of taste in the score",
	"w_context":      "weight of context in the score",
	"w_popularity":   "weight of popularity in the score",
	"adjustment":     "added to the weighted terms to give the score",
	"tier":           "personal, persona, context, region_genre, genre, region, world or none: the rung of the ladder it stands on",
	"reason":         "why the listeners are in this tier",
	"users":          "listeners",
	"rows":           "rows of user_recommendations",
	"value":          "the measured value",
	"low":            "lower end of the 95 % interval; null = not computed",
	"high":           "upper end of the 95 % interval; null = not computed",
	"cases":          "cases it was measured on",
	"weight":         "relative weight",
	"class":          "the class, such as a mood",
	"day_part":       "morning, day, evening, night or late_night",
	"name":           "what is counted",
	"count":          "how many",
}

// comments holds the comment of every field, by "Type.Field", and of every type, by "Type"; and the text of every constant, by "const Name".
type comments map[string]string

// readComments parses the Go files of a folder, tests apart.
func readComments(dir string) (comments, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	found := comments{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, src, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("parse %s: %w", path, err)
		}
		found.add(file)
	}
	return found, nil
}

func (c comments) add(file *ast.File) {
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if ok && g.Tok == token.CONST {
			c.addConstants(g)
		}
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, spec := range g.Specs {
			t := spec.(*ast.TypeSpec)
			c[t.Name.Name] = text(g.Doc, t.Doc)
			s, ok := t.Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, f := range s.Fields.List {
				for _, name := range f.Names {
					c[t.Name.Name+"."+name.Name] = text(f.Doc, f.Comment)
				}
			}
		}
	}
}

func (c comments) addConstants(g *ast.GenDecl) {
	for _, spec := range g.Specs {
		v := spec.(*ast.ValueSpec)
		for i, value := range v.Values {
			if lit, ok := value.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				c["const "+v.Names[i].Name], _ = strconv.Unquote(lit.Value)
			}
		}
	}
}

func text(groups ...*ast.CommentGroup) string {
	var parts []string
	for _, g := range groups {
		parts = append(parts, strings.Fields(g.Text())...)
	}
	return strings.Join(parts, " ")
}

// goWord is nil, or may be the name of a constant: words that begin a sentence are none.
var goWord = regexp.MustCompile(`\b(nil|[A-Z][a-z]+[A-Z]\w*)\b`)

// field returns what a field means, in the words of readers of the table: values as they are stored, and null.
func (c comments) field(row reflect.Type, f reflect.StructField) string {
	return goWord.ReplaceAllStringFunc(c.said(row, f), func(word string) string {
		if word == "nil" {
			return "null"
		}
		return cmp.Or(c["const "+word], word)
	})
}

// said returns a field's comment, the word for its column, or the comment of the landing field it comes from.
func (c comments) said(row reflect.Type, f reflect.StructField) string {
	if text := c[row.Name()+"."+f.Name]; text != "" {
		return text
	}
	if text := words[column(f)]; text != "" {
		return text
	}
	for _, landing := range []string{"Song", "Play", "Listener", "Playlist"} {
		if text := c[landing+"."+f.Name]; text != "" {
			return text
		}
	}
	return ""
}

// column returns the Parquet name of a field.
func column(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("parquet"), ",")
	return name
}

func optional(f reflect.StructField) bool {
	return slices.Contains(strings.Split(f.Tag.Get("parquet"), ","), "optional")
}
