// Package readers holds no Go code beside its test: readers.py opens every table of a release with other programs.
//
//	readers.py              checks rows, keys and floats with DuckDB, Polars, PyArrow and, when asked, Spark
//	hours.py                counts by local hour with a plain DuckDB query, for the test of the preferences
//	requirements.txt        the versions that were tried
//	requirements-spark.txt  the same with PySpark, which needs Java 17
package readers
