// Package readers holds no Go code beside its tests: Python programs that share no code with Segue look at what it made.
//
//	readers.py              checks rows, keys and floats with DuckDB, Polars, PyArrow and, when asked, Spark
//	metrics.py              measures rankings with ranx and NumPy, for the test of the metrics
//	iceberg.py              reads what segue export iceberg made with PyIceberg, beside the Parquet files
//	writers.py              writes plays as PyArrow, Polars, DuckDB and, when asked, Spark do, for the test of import
//	hours.py                counts by local hour with a plain DuckDB query, for the test of the preferences
//	requirements.txt        the versions that were tried
//	requirements-spark.txt  the same with PySpark, which needs Java 17; requirements-iceberg.txt PyIceberg
package readers
