import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/** A streaming job with keyed state under a name, for tests of what is said to a running Flink: Counts.java REST_PORT NAME [SAVEPOINT]. */
public class Counts {
  public static void main(String[] args) {
    Configuration c = new Configuration();
    c.setString("execution.target", "remote");
    c.setString("rest.address", "localhost");
    c.setString("rest.port", args[0]);
    c.setString("pipeline.name", args[1]);
    c.setString("execution.checkpointing.interval", "500 ms");
    if (args.length > 2) {
      c.setString("execution.savepoint.path", args[2]);
    }
    TableEnvironment t = TableEnvironment.create(EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(c).build());
    t.executeSql("CREATE TABLE plays (listener INT) WITH ('connector' = 'datagen', 'rows-per-second' = '1000', 'fields.listener.min' = '0', 'fields.listener.max' = '99')");
    t.executeSql("CREATE TABLE counts (listener INT, plays BIGINT) WITH ('connector' = 'blackhole')");
    t.executeSql("INSERT INTO counts SELECT listener, COUNT(*) FROM plays GROUP BY listener");
  }
}
