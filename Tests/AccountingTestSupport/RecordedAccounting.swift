package import Accounting

/// Passes on what another accounting reads, and keeps every sample as the bytes of a recording.
package final class AccountingRecorder: Accounting {
    private let source: any Accounting
    private let origin: SuspendingClock.Instant
    private let limit: Int
    /// The recording up to now: to be written to a file, or handed to ``RecordedAccounting``.
    package private(set) var bytes: [UInt8]
    /// Samples that were passed on but not kept, because the recording was as large as it may become.
    package private(set) var samplesLeftOut = 0

    package var tier: Tier { source.tier }

    /// - Parameters:
    ///   - origin: the moment that those of the samples are counted from.
    ///   - limit: bytes that the recording may have.
    package init(_ source: any Accounting, origin: SuspendingClock.Instant, limit: Int = 256 << 20) {
        self.source = source
        self.origin = origin
        self.limit = limit
        bytes = AccountingRecording.header(source.tier)
    }

    package func read(into sample: inout AccountingSample) throws {
        try source.read(into: &sample)
        let frame = AccountingRecording.frame(sample, origin: origin)
        guard bytes.count + frame.count <= limit else {
            samplesLeftOut += 1
            return
        }
        bytes += frame
    }
}

/// Replays a recording: the same samples in the same order.
package final class RecordedAccounting: Accounting {
    package let tier: Tier
    private var reader: ByteReader
    private let origin: SuspendingClock.Instant
    private var index = 0

    /// - Parameters:
    ///   - bytes: a whole recording, as ``AccountingRecorder`` made it.
    ///   - origin: the moment that the recording begins at when it is replayed.
    package init(_ bytes: [UInt8], origin: SuspendingClock.Instant) throws(RecordingError) {
        guard bytes.starts(with: AccountingRecording.magic) else { throw RecordingError(code: .notARecording) }
        var reader = ByteReader(bytes[AccountingRecording.magic.count...])
        var tier: Tier?
        do {
            let version = try reader.number()
            guard version == AccountingRecording.version else {
                throw RecordingError(code: .unsupportedVersion(version))
            }
            let kind = Tier.Kind(rawValue: try reader.text())
            let (reason, isDegraded) = (try reader.text(), try reader.flag())
            tier = kind.map { Tier($0, reason: reason, isDegraded: isDegraded) }
        } catch let error as RecordingError {
            throw error
        } catch {
            throw RecordingError(code: .notARecording)
        }
        guard let tier else { throw RecordingError(code: .notARecording) }
        self.tier = tier
        self.reader = reader
        self.origin = origin
    }

    /// The next sample. Throws ``RecordingError/Code/atEnd`` after the last whole one.
    package func read(into sample: inout AccountingSample) throws {
        guard let body = try nextFrame() else { throw RecordingError(code: .atEnd) }
        var frame = ByteReader(body)
        guard let next = try? frame.sample(origin: origin), frame.isAtEnd else {
            throw RecordingError(code: .damagedFrame(index))
        }
        index += 1
        sample = next
    }

    /// The bytes of the next frame; nil where the recording ends, or breaks off in it.
    private func nextFrame() throws(RecordingError) -> ArraySlice<UInt8>? {
        var ahead = reader
        guard let length = try? ahead.number() else { return nil }
        guard length <= AccountingRecording.largestFrame else {
            throw RecordingError(code: .damagedFrame(index))
        }
        guard let body = try? ahead.bytes(Int(length)), let sum = try? ahead.bytes(4) else { return nil }
        guard sum.elementsEqual(AccountingRecording.bytes(of: AccountingRecording.checksum(body))) else {
            throw RecordingError(code: .damagedFrame(index))
        }
        reader = ahead
        return body
    }
}
