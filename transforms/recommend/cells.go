package recommend

import (
	"context"

	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// cellKey is a context.
type cellKey struct{ region, weekpart, dayPart, device string }

func (k cellKey) String() string {
	return k.region + "/" + k.weekpart + "/" + k.dayPart + "/" + k.device
}

// backOff returns the contexts whose figures may stand for one, closest first.
func (k cellKey) backOff() []cellKey {
	var keys []cellKey
	for _, r := range []string{k.region, schemas.World} {
		if r != "" {
			keys = append(keys, cellKey{r, k.weekpart, k.dayPart, k.device}, cellKey{r, schemas.All, k.dayPart, k.device},
				cellKey{r, k.weekpart, k.dayPart, schemas.All}, cellKey{r, schemas.All, k.dayPart, schemas.All})
		}
	}
	return keys
}

// cell returns what is known of a context: the closest chart and the closest fits of classes; nil without either, and for
// an unknown day part.
func (m *model) cell(k cellKey) *scoring.Cell {
	if k.dayPart == "" || k.dayPart == schemas.Unknown {
		return nil
	}
	if c, ok := m.cells.Load(k); ok {
		return c.(*scoring.Cell)
	}
	var c *scoring.Cell
	for _, near := range k.backOff() {
		fit := m.fits[near]
		var chart *scoring.Chart
		if near.weekpart == schemas.All {
			chart = m.charts.context[situation{near.region, near.dayPart, near.device}]
		}
		if (fit != nil || chart != nil) && c == nil {
			c = &scoring.Cell{Name: k.String(), Level: near.String()}
		}
		if c != nil && c.Fit == nil && fit != nil {
			c.Fit = m.padded(fit)
		}
		if c != nil && c.Chart == nil {
			c.Chart = chart
		}
	}
	kept, _ := m.cells.LoadOrStore(k, c)
	return kept.(*scoring.Cell)
}

// padded returns fits for all classes; those without lifts fit like anything.
func (m *model) padded(fit []float32) []float32 {
	out := make([]float32, len(m.classes))
	for i := range out {
		if out[i] = 0.5; i < len(fit) && fit[i] > 0 {
			out[i] = fit[i]
		}
	}
	return out
}

// daysOf is how many days of a week a row stands for.
var daysOf = map[string]float64{schemas.Weekday: 5, schemas.Weekend: 2, schemas.All: 7}

// shareRow is what recommending needs of preferences_by_hour.
type shareRow struct {
	Region   string  `parquet:"region,dict"`
	Weekpart string  `parquet:"weekpart,dict"`
	Hour     *int32  `parquet:"hour,optional,plain"`
	Device   string  `parquet:"device,dict"`
	Kind     string  `parquet:"kind,dict"`
	Value    string  `parquet:"value,dict"`
	Share    float64 `parquet:"shrunk_share,plain"`
}

// shareSum is Σ days·share and Σ days.
type shareSum struct{ share, days float64 }

// cellShares adds up the shares of classes by context.
type cellShares map[cellKey]map[int32]shareSum

func (c cellShares) add(k cellKey, class int32, row shareRow) {
	if c[k] == nil {
		c[k] = map[int32]shareSum{}
	}
	days, at := daysOf[row.Weekpart], c[k][class]
	c[k][class] = shareSum{at.share + float64(days*row.Share), at.days + days}
}

// anytime returns the cell of all that is heard in a region.
func anytime(region string) cellKey { return cellKey{region, schemas.All, schemas.All, schemas.All} }

// readFits averages the shrunk shares of preferences_by_hour over the hours of each day part, by weekpart and over both; its
// lift over the share in the region at any time becomes lift/(1+lift); 0 = unknown.
func (m *model) readFits(ctx context.Context, s lake.Store, shared Shared) error {
	sums := cellShares{}
	for _, ref := range shared.Files[schemas.TablePreferencesByHour] {
		for row, err := range parquetio.Read[shareRow](ctx, s, ref) {
			if err != nil {
				return err
			}
			if row.Kind != kindMood && row.Kind != kindGenre || row.Value == schemas.Unknown {
				continue
			}
			class := m.classes.number(row.Kind, row.Value)
			k := cellKey{row.Region, row.Weekpart, schemas.All, row.Device}
			if row.Hour == nil {
				if k == anytime(row.Region) {
					sums.add(k, class, row)
				}
				continue
			}
			k.dayPart = schemas.DayParts[shared.Hours.Part(int(*row.Hour))]
			sums.add(k, class, row)
			if row.Weekpart != schemas.All && row.Device != schemas.All {
				k.weekpart = schemas.All
				sums.add(k, class, row)
			}
		}
	}
	m.fits = sums.fits(len(m.classes))
	return nil
}

// fits returns lift/(1+lift) of every class in every day part.
func (c cellShares) fits(classes int) map[cellKey][]float32 {
	out := make(map[cellKey][]float32, len(c))
	for k, shares := range c {
		if k.dayPart == schemas.All {
			continue
		}
		fit, all := make([]float32, classes), c[anytime(k.region)]
		for class, x := range shares {
			if whole := all[class]; whole.share > 0 {
				lift := x.share / x.days / (whole.share / whole.days)
				fit[class] = float32(lift / (1 + lift))
			}
		}
		out[k] = fit
	}
	return out
}
