package org.elasticsearch.node;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.lucene.util.Version;
import org.elasticsearch.Build;
import org.elasticsearch.action.admin.cluster.node.info.PluginsAndModules;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.http.AbstractHttpServerTransport;
import org.elasticsearch.http.HttpServerTransport;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.plugins.PluginDescriptor;
import org.elasticsearch.plugins.PluginsLoader;
import org.elasticsearch.plugins.PluginsService;
import org.elasticsearch.plugins.spi.SPIClassIterator;
import org.elasticsearch.rest.RestController;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;

/**
 * A real single node of Elasticsearch 8 or 9 on 127.0.0.1 whose plugins come from the class path. Arguments: home folder,
 * names of the plugins' classes with commas, then key=value settings. Says READY with the port of HTTP, and ends when its
 * input ends.
 *
 * In this package because NodeServiceProvider and NodeConstruction cannot be seen from others.
 */
public final class Host extends Node {
    private Host(Environment environment, List<String> plugins) {
        super(NodeConstruction.prepareConstruction(environment, null, new NodeServiceProvider() {
            @Override
            PluginsService newPluginService(Environment same, PluginsLoader unused) {
                return new ClassPathPlugins(same, plugins);
            }
        }, true));
    }

    /** The server's own service wants a folder of modules, which only the vendor's archive has. */
    @SuppressWarnings({ "rawtypes", "unchecked" })
    private static final class ClassPathPlugins extends PluginsService {
        /** Of PluginsService.LoadedPlugin, which cannot be named here. */
        private final List loaded = new ArrayList();

        ClassPathPlugins(Environment environment, List<String> names) {
            super(environment.settings(), environment.configDir(),
                PluginsLoader.createPluginsLoader(Set.of(), Set.of(), Map.of(), false));
            try {
                Constructor<?> entry = Class.forName("org.elasticsearch.plugins.PluginsService$LoadedPlugin")
                    .getDeclaredConstructor(PluginDescriptor.class, Plugin.class, ClassLoader.class);
                entry.setAccessible(true);
                for (String name : names) {
                    Object plugin = make(Class.forName(name), List.of(environment.settings(), environment.configDir()))
                        .orElseThrow();
                    loaded.add(entry.newInstance(descriptor(name), plugin, getClass().getClassLoader()));
                }
                // Without this x-pack has no state of its licence.
                Method extend = PluginsService.class.getDeclaredMethod("loadExtensions", Collection.class);
                extend.setAccessible(true);
                extend.invoke(null, loaded);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }

        /** By the longest constructor, each argument found by its type among what is given; empty when one is missing. */
        private static Optional<Object> make(Class<?> type, Collection<?> given) throws ReflectiveOperationException {
            Constructor<?> longest = Arrays.stream(type.getConstructors())
                .max(Comparator.comparingInt(Constructor::getParameterCount)).orElseThrow();
            List<Object> arguments = new ArrayList<>();
            for (Class<?> wanted : longest.getParameterTypes()) {
                Optional<?> found = given.stream().filter(wanted::isInstance).findFirst();
                if (found.isEmpty()) {
                    return Optional.empty();
                }
                arguments.add(found.get());
            }
            return Optional.of(longest.newInstance(arguments.toArray()));
        }

        /** Its constructor has 12 parameters in 8.19, 13 in 9.5. */
        private static PluginDescriptor descriptor(String name) throws ReflectiveOperationException {
            Object[] all = { name, "class path", "1", Build.current().version(), "17", name, null, List.of(),
                false, false, false, false, null };
            Constructor<?> constructor = Arrays.stream(PluginDescriptor.class.getConstructors())
                .filter(each -> each.getParameterCount() >= 12).findFirst().orElseThrow();
            return (PluginDescriptor) constructor.newInstance(Arrays.copyOf(all, constructor.getParameterCount()));
        }

        @Override
        protected List plugins() {
            // null while the parent's constructor runs.
            return loaded == null ? List.of() : loaded;
        }

        /**
         * All plugins share one class loader, so each provider is made once (the parent would make it once for each plugin),
         * and those of a plugin that was not asked for are left out.
         */
        @Override
        public <T> List<? extends T> loadServiceProviders(Class<T> service) {
            List<Plugin> plugins = filterPlugins(Plugin.class).toList();
            List<T> providers = new ArrayList<>();
            SPIClassIterator.get(service, getClass().getClassLoader()).forEachRemaining(type -> {
                try {
                    make(type, plugins).ifPresent(provider -> providers.add((T) provider));
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            });
            return providers;
        }

        @Override
        public PluginsAndModules info() {
            return new PluginsAndModules(List.of(), List.of());
        }
    }

    /** GET / is answered by the module rest-root, which is not published. */
    private void answerRoot(HttpServerTransport http) throws ReflectiveOperationException {
        Field dispatcher = AbstractHttpServerTransport.class.getDeclaredField("dispatcher");
        dispatcher.setAccessible(true);
        RestController rest = (RestController) dispatcher.get(http);
        Build build = Build.current();
        RestHandler root = (request, channel, client) -> {
            var answer = channel.newBuilder().startObject();
            answer.field("name", settings().get("node.name")).field("cluster_name", settings().get("cluster.name"));
            answer.field("cluster_uuid", injector().getInstance(ClusterService.class).state().metadata().clusterUUID());
            answer.startObject("version").field("number", build.version()).field("build_flavor", "default")
                .field("build_type", "tar").field("build_hash", build.hash()).field("build_date", build.date())
                .field("build_snapshot", build.isSnapshot()).field("lucene_version", Version.LATEST.toString())
                .field("minimum_wire_compatibility_version", build.minWireCompatVersion())
                .field("minimum_index_compatibility_version", build.minIndexCompatVersion()).endObject();
            answer.field("tagline", "You Know, for Search").endObject();
            channel.sendResponse(new RestResponse(RestStatus.OK, answer));
        };
        rest.registerHandler(new RestHandler.Route(RestRequest.Method.GET, "/"), root);
        rest.registerHandler(new RestHandler.Route(RestRequest.Method.HEAD, "/"), root);
    }

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]).toAbsolutePath();
        Files.createDirectories(home.resolve("config"));
        Settings.Builder settings = Settings.builder().put("path.home", home);
        for (String each : List.of(args).subList(2, args.length)) {
            int sign = each.indexOf('=');
            settings.put(each.substring(0, sign), each.substring(sign + 1));
        }
        // Before there is any logger of the server.
        LogConfigurator.configureESLogging();
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            settings.build(), Map.of(), home.resolve("config"), () -> "node-0");
        LogConfigurator.configureWithoutConfig(environment.settings());
        Host node = new Host(environment, List.of(args[1].split(",")));
        HttpServerTransport http = node.injector().getInstance(HttpServerTransport.class);
        node.answerRoot(http);
        node.start();
        System.out.println("READY " + http.boundAddress().publishAddress().getPort());
        while (System.in.read() != -1) {
            // Until the parent closes it, or has died.
        }
        node.close();
        System.exit(0);
    }
}
