import Composition
import Compression
import Engine
import Linux
import Logging
import Settings
import Terminal

extension Doctor {
    /// What is recorded for a bundle.
    private static let recordingLength = Duration.seconds(20)

    /// Writes a gzip of a tar archive. What cannot be recorded is left out and said.
    func write(
        _ file: RecordingOutput, _ resolved: ResolvedConfiguration, _ documents: [(name: String, content: [UInt8])]
    ) async throws {
        var archive = TarArchive()
        for document in documents where !document.content.isEmpty {
            archive.append("energyd-report/\(document.name)", document.content)
        }
        var problem: String?
        do {
            archive.append("energyd-report/node.rec", try await recording(resolved))
        } catch {
            problem = "\(error)"
            archive.append("energyd-report/recording-failed.txt", Array("\(error)\n".utf8))
        }
        try file.write(gzipped(archive.bytes(), level: 6))
        try file.close()
        let names = archive.names.map { $0.split(separator: "/").last ?? "" }.joined(separator: ", ")
        // The report itself is on standard output.
        try Output.write(
            lines: [
                "wrote \(printable(file.path)): \(names)",
                "look through it before you give it away: the recording has no names, but checks and configuration name "
                    + "files and hosts",
            ] + (problem.map { ["nothing was recorded: \(printable($0, limit: 500))"] } ?? []), to: 2)
    }

    private func recording(_ resolved: ResolvedConfiguration) async throws -> [UInt8] {
        let silent = Logger(label: "energyctl") { _ in SwiftLogNoOpLogHandler() }
        let line = StatusLine()
        defer { line.clear() }
        return try await withLiveSources(resolved.values) { configuration in
            try configuration.checkPaths()
            var bytes: [UInt8] = []
            let engine = try RecordingEngine(
                configuration, settings: resolved.recorded, isAnonymised: true, logger: silent
            ) { bytes += $0 }
            let run = RecordingRun(length: Self.recordingLength, configuration: configuration)
            _ = try await run.run(engine) {
                line.show("recording for the bundle: \(Int($0)) of \(Int(Self.recordingLength / .seconds(1))) s")
                return true
            }
            try engine.finish()
            return bytes
        }
    }
}
