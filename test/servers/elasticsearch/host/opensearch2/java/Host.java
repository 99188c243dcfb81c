import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.opensearch.common.logging.LogConfigurator;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.http.HttpServerTransport;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;

/**
 * A real single node on 127.0.0.1 whose plugins come from the class path. Arguments: home folder, names of the plugins'
 * classes with commas, then key=value settings. Says READY with the port of HTTP, and ends when its input ends.
 */
public final class Host extends Node {
    private Host(Environment environment, List<Class<? extends Plugin>> plugins) {
        super(environment, plugins, true);
    }

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]).toAbsolutePath();
        Files.createDirectories(home.resolve("config"));
        Settings.Builder settings = Settings.builder().put("path.home", home.toString());
        for (String each : List.of(args).subList(2, args.length)) {
            int sign = each.indexOf('=');
            settings.put(each.substring(0, sign), each.substring(sign + 1));
        }
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            settings.build(), Map.of(), home.resolve("config"), () -> "node-0");
        LogConfigurator.configureWithoutConfig(environment.settings());
        List<Class<? extends Plugin>> plugins = new ArrayList<>();
        for (String name : args[1].split(",")) {
            plugins.add(Class.forName(name).asSubclass(Plugin.class));
        }
        Host node = new Host(environment, plugins);
        node.start();
        HttpServerTransport http = node.injector().getInstance(HttpServerTransport.class);
        System.out.println("READY " + http.boundAddress().publishAddress().getPort());
        while (System.in.read() != -1) {
            // Until the parent closes it, or has died.
        }
        node.close();
        System.exit(0);
    }
}
