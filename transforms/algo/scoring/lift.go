package scoring

// liftPrior is how many plays of the world's habit are added to a cell before its share is taken.
const liftPrior = 20

// Lift returns the share of a class in a cell over its share anywhere, the cell's share shrunk towards the latter as if
// 20 more plays had followed the world's habit: 1 = as anywhere. A class nobody plays anywhere has lift 1.
func Lift(cellClass, cell, worldClass, world int64) float64 {
	if worldClass <= 0 || world <= 0 {
		return 1
	}
	base := float64(worldClass) / float64(world)
	return (float64(cellClass) + float64(liftPrior*base)) / (float64(cell) + liftPrior) / base
}
