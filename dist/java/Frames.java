// Copyright the carryall authors.  See LICENSE.
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;

/**
 * Run by the recipe of the jar: writes the frames into class files that have none.
 *
 *     java -cp asm.jar:JAR... Frames.java FOLDER
 *
 * Java verifies a class file with frames (the StackMapTable of Java 6) in one pass; one without by the verifier of old, which is
 * slower, loads more classes, and is taken into no class data archive.  Jython writes its classes in the old form.  A class that
 * cannot be done so stays as it is: the version in the file stays that of Java 6, for which both forms are right.
 */
public final class Frames {
    private static final int FIRST_WITH_FRAMES = Opcodes.V1_6;
    private static final String OBJECT = "java/lang/Object";

    private final Map<String, ClassReader> known = new HashMap<>();
    private final Path folder;

    private Frames(Path folder) {
        this.folder = folder;
    }

    public static void main(String[] words) throws IOException {
        Frames frames = new Frames(Path.of(words[0]));
        List<Path> files = new ArrayList<>();
        try (Stream<Path> found = Files.walk(frames.folder)) {
            found.filter(path -> path.toString().endsWith(".class")).sorted().forEach(files::add);
        }
        int left = 0;
        for (Path file : files) {
            byte[] data = Files.readAllBytes(file);
            if ((data[6] << 8 | data[7]) != FIRST_WITH_FRAMES) {
                continue;
            }
            try {
                Files.write(file, frames.written(data));
            } catch (RuntimeException exc) {
                left++;
                System.out.println(file + " stays: " + exc);
            }
        }
        System.out.println(files.size() + " files, " + left + " left as they were");
    }

    private byte[] written(byte[] data) {
        ClassReader reader = new ClassReader(data);
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_FRAMES) {
            @Override
            protected String getCommonSuperClass(String one, String other) {
                return common(one, other);
            }
        };
        reader.accept(writer, ClassReader.SKIP_FRAMES);
        return writer.toByteArray();
    }

    /** The nearest class that both are, or Object where an interface is one of them; no class is loaded for that. */
    private String common(String one, String other) {
        if (isInterface(one) || isInterface(other)) {
            return OBJECT;
        }
        Deque<String> line = line(one);
        Deque<String> otherLine = line(other);
        String found = OBJECT;
        while (!line.isEmpty() && !otherLine.isEmpty() && line.peek().equals(otherLine.pop())) {
            found = line.pop();
        }
        return found;
    }

    /** A class and those that it extends, from Object down. */
    private Deque<String> line(String name) {
        Deque<String> found = new ArrayDeque<>(Collections.singleton(name));
        for (String above = reader(name).getSuperName(); above != null; above = reader(above).getSuperName()) {
            found.push(above);
        }
        return found;
    }

    private boolean isInterface(String name) {
        return (reader(name).getAccess() & Opcodes.ACC_INTERFACE) != 0;
    }

    private ClassReader reader(String name) {
        return known.computeIfAbsent(name, this::read);
    }

    private ClassReader read(String name) {
        Path file = folder.resolve(name + ".class");
        try (InputStream data = Files.exists(file) ? Files.newInputStream(file) : ClassLoader.getSystemResourceAsStream(name + ".class")) {
            if (data == null) {
                throw new IllegalStateException("there is no " + name);
            }
            return new ClassReader(data);
        } catch (IOException exc) {
            throw new IllegalStateException(exc);
        }
    }
}
