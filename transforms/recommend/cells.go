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

// liftSum is Σ days·lift and Σ days.
type liftSum struct{ lift, days float64 }

// daysOf is how many days of a week a row stands for.
var daysOf = map[string]float64{schemas.Weekday: 5, schemas.Weekend: 2, schemas.All: 7}

// liftRow is what recommending needs of preferences_by_hour.
type liftRow struct {
	Region   string  `parquet:"region,dict"`
	Weekpart string  `parquet:"weekpart,dict"`
	Hour     *int32  `parquet:"hour,optional,plain"`
	Device   string  `parquet:"device,dict"`
	Kind     string  `parquet:"kind,dict"`
	Value    string  `parquet:"value,dict"`
	Lift     float64 `parquet:"lift,plain"`
}

// readFits averages the shrunk lifts of preferences_by_hour over the hours of each day part, by weekpart and over both, and
// maps them to lift/(1+lift); 0 = unknown.
func (m *model) readFits(ctx context.Context, s lake.Store, shared Shared) error {
	sums := map[cellKey]map[int32]liftSum{}
	add := func(k cellKey, class int32, row liftRow) {
		if sums[k] == nil {
			sums[k] = map[int32]liftSum{}
		}
		days, at := daysOf[row.Weekpart], sums[k][class]
		sums[k][class] = liftSum{at.lift + float64(days*row.Lift), at.days + days}
	}
	for _, ref := range shared.Files[schemas.TablePreferencesByHour] {
		for row, err := range parquetio.Read[liftRow](ctx, s, ref) {
			if err != nil {
				return err
			}
			if row.Kind != kindMood && row.Kind != kindGenre || row.Value == schemas.Unknown || row.Hour == nil {
				continue
			}
			class := m.classes.number(row.Kind, row.Value)
			k := cellKey{row.Region, row.Weekpart, schemas.DayParts[shared.Hours.Part(int(*row.Hour))], row.Device}
			add(k, class, row)
			if row.Weekpart != schemas.All && row.Device != schemas.All {
				k.weekpart = schemas.All
				add(k, class, row)
			}
		}
	}
	m.fits = make(map[cellKey][]float32, len(sums))
	for k, classes := range sums {
		fit := make([]float32, len(m.classes))
		for class, x := range classes {
			lift := x.lift / x.days
			fit[class] = float32(lift / (1 + lift))
		}
		m.fits[k] = fit
	}
	return nil
}
