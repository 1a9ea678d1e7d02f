import Glibc
import Linux
import Recording
import Terminal

/// The file that a recording is written to.
final class RecordingOutput {
    /// What went wrong, with the path.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let path: String
    private var file: UnsafeMutablePointer<FILE>?

    /// Only for its owner to read: it may hold names. Throws where there is such a file already.
    init(_ path: String) throws(SourceFailure) {
        self.path = path
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0, let file = fdopen(descriptor, "w") else {
            let reason = errno == EEXIST ? "exists already: choose another name" : String(cString: strerror(errno))
            throw SourceFailure("\(path): \(reason)")
        }
        self.file = file
    }

    /// What was not closed and is empty is of no use, and would be in the way the next time.
    deinit {
        guard let file else { return }
        if ftell(file) == 0 { unlink(path) }
        fclose(file)
    }

    func write(_ bytes: [UInt8]) throws(Failure) {
        guard let file, fwrite(bytes, 1, bytes.count, file) == bytes.count, fflush(file) == 0 else {
            throw Failure(description: "\(path): \(String(cString: strerror(errno)))")
        }
    }

    func close() throws(Failure) {
        guard let file else { return }
        self.file = nil
        guard fclose(file) == 0 else { throw Failure(description: "\(path): \(String(cString: strerror(errno)))") }
    }

    /// Leaves no file where `body` throws.
    func removedOnFailure<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            unlink(path)
            throw error
        }
    }
}

/// The file that a recording is read from.
final class RecordingInput {
    private let path: String
    private let file: UnsafeMutablePointer<FILE>

    init(_ path: String) throws(SourceFailure) {
        self.path = path
        guard let file = fopen(path, "re") else {
            throw SourceFailure("\(path): \(String(cString: strerror(errno)))")
        }
        self.file = file
    }

    deinit {
        fclose(file)
    }

    /// Reads from where the file is; see ``RecordingReader``.
    func reader() throws(SourceFailure) -> RecordingReader {
        do {
            return try RecordingReader { [self] (count) throws(RecordingError) in
                var bytes = [UInt8](repeating: 0, count: count)
                let read = fread(&bytes, 1, count, file)
                guard ferror(file) == 0 else {
                    throw RecordingError(code: .unreadable(String(cString: strerror(errno))))
                }
                bytes.removeLast(count - read)
                return bytes
            }
        } catch {
            throw SourceFailure("\(path): \(error)")
        }
    }
}

/// A line on a terminal that is written again and again.
struct StatusLine {
    private let isShown = isatty(STDERR_FILENO) == 1

    func show(_ text: String) {
        if isShown { try? Output.write(Array("\r\u{1b}[K\(text)".utf8), to: STDERR_FILENO) }
    }

    func clear() {
        if isShown { try? Output.write(Array("\r\u{1b}[K".utf8), to: STDERR_FILENO) }
    }
}

/// Times as names of files have them.
enum LocalClock {
    /// `20261127-141500`, local time.
    static func fileStamp() -> String {
        var (now, parts) = (time(nil), tm())
        localtime_r(&now, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(parts.tm_year + 1900)\(two(parts.tm_mon + 1))\(two(parts.tm_mday))-\(two(parts.tm_hour))"
            + "\(two(parts.tm_min))\(two(parts.tm_sec))"
    }
}
