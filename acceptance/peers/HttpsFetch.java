// Copyright the carryall authors.  See LICENSE.

import java.io.FileInputStream;
import java.io.InputStream;
import java.net.URL;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The JDK's own https client: java HttpsFetch.java CA.pem CLIENT.p12|- URL...; the bodies go to stdout, one fault is status 1. */
public class HttpsFetch {
    private static final char[] PASSWORD = "changeit".toCharArray();

    public static void main(String[] words) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        KeyManagerFactory keys = null;
        if (!words[1].equals("-")) {
            KeyStore own = KeyStore.getInstance("PKCS12");
            try (InputStream in = new FileInputStream(words[1])) {
                own.load(in, PASSWORD);
            }
            keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, PASSWORD);
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        Collection<? extends Certificate> found;
        try (InputStream in = new FileInputStream(words[0])) {
            found = CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
        int number = 0;
        for (Certificate each : found) {
            trusted.setCertificateEntry("ca" + number++, each);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        context.init(keys == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
        HttpsURLConnection.setDefaultSSLSocketFactory(context.getSocketFactory());
        for (int index = 2; index < words.length; index++) {
            HttpsURLConnection connection = (HttpsURLConnection) new URL(words[index]).openConnection();
            connection.setConnectTimeout(20000);
            connection.setReadTimeout(20000);
            try (InputStream in = connection.getInputStream()) {
                System.err.println(connection.getResponseCode() + " " + connection.getCipherSuite());
                in.transferTo(System.out);
            }
        }
        System.out.flush();
    }
}
