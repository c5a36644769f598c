// Copyright the carryall authors.  See LICENSE.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;

import org.python.core.PyObject;
import org.python.core.PyString;
import org.python.util.PythonInterpreter;

/**
 * A Java program that starts servers of carryall, uses them, and stops them.  With a JDK, and nothing to compile first:
 *
 *     java -cp carryall.jar ServeFolder.java
 *
 * With a Java runtime alone, compile it elsewhere (javac -cp carryall.jar ServeFolder.java) and say
 * java -cp carryall.jar:. ServeFolder.
 */
public class ServeFolder {
    public static void main(String[] words) throws Exception {
        Path folder = Files.createTempDirectory("served");
        Path page = Files.writeString(folder.resolve("index.html"), "served inside a Java program\n");
        try (PythonInterpreter python = new PythonInterpreter()) {
            python.exec("from carryall.embedded import Servers");
            // The loop of the servers runs in a thread of its own; each port is free, and on 127.0.0.1.
            PyObject servers = python.eval("Servers().open()");
            try {
                python.set("folder", new PyString(folder.toString()));
                python.set("servers", servers);
                String url = python.eval("servers.http(path=folder)").toString();
                System.out.println("get " + url + "/: " + get(url + "/").strip());

                // Any type of server, with the words of its command line.
                PyObject addresses = python.eval("servers.start('simple', '--tcp', 'echo:0')");
                System.out.println("echo listens on " + addresses.__getitem__(0));
            } finally {
                servers.invoke("close");
            }
            System.out.println("stopped");
        } finally {
            Files.delete(page);
            Files.delete(folder);
        }
    }

    private static String get(String url) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
}
