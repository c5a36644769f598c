// Copyright the carryall authors.  See LICENSE.
// A plain Java program that calls an object of a Python program, with carryall's jar on the class path:
//
//     java -cp carryall.jar CallPython.java PORT
//
// where pbsimple_server.py runs, on any runtime.  With Jython and the source of carryall it is
// java -cp jython.jar -Dpython.path=FOLDER_OF_CARRYALL CallPython.java PORT.

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.python.core.Py;
import org.python.core.PyFunction;
import org.python.core.PyObject;
import org.python.util.PythonInterpreter;

public class CallPython {
    // The loop runs in a thread of its own; calls come in through the one door that is open to other threads.
    static final String BRIDGE = String.join("\n",
        "from carryall import runtimes",
        "from carryall.protocols import pb",
        "import threading",
        "loop = runtimes.choose()",
        "thread = threading.Thread(target=loop.run)",
        "thread.daemon = True",
        "thread.start()",
        "def call(port, name, argument, future):",
        "    def begin():",
        "        pb.connect(loop, '127.0.0.1', port).then(",
        "            lambda broker: broker.remote().call_remote(name, argument)).then(",
        "            future.complete, lambda error: future.completeExceptionally(RuntimeException(str(error))))",
        "    loop.call_soon_threadsafe(begin)",
        "from java.lang import RuntimeException",
        "");

    public static void main(String[] arguments) throws Exception {
        PythonInterpreter python = new PythonInterpreter();
        python.exec(BRIDGE);
        PyFunction call = (PyFunction) python.get("call");
        CompletableFuture<Object> answer = new CompletableFuture<>();
        call.__call__(new PyObject[] {
            Py.newInteger(Integer.parseInt(arguments[0])), Py.newString("echo"), Py.newUnicode("hello from Java"), Py.java2py(answer)});
        System.out.println("Python answered: " + answer.get(60, TimeUnit.SECONDS));
        System.exit(0);
    }
}
