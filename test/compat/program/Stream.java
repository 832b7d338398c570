// Stream URL TICKET: the same by the HTTP client of the JDK, which asks for HTTP/2 by an upgrade.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

class Stream {
    public static void main(String[] arguments) throws Exception {
        var address = URI.create(arguments[0] + "?tail=10000&ticket=" + arguments[1]);
        var request = HttpRequest.newBuilder(address).build();
        var lines = HttpClient.newHttpClient().send(request, BodyHandlers.ofLines()).body().toList();
        var entries = lines.stream().filter(line -> line.startsWith("event: log")).count();
        var done = lines.stream().filter(line -> line.startsWith("event: done")).count();
        System.out.printf("{\"entries\":%d,\"done\":%d}%n", entries, done);
    }
}
