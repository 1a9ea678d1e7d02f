import Attribution
import Metering
import TestSupport
import Testing

@Suite struct CPUModelTests {
    @Test func garbageNeverTraps() {
        var generator = SeededGenerator(seed: 5)
        let alphabet = Array("() 0123456789-xS\n\t:\u{0}é")
        for _ in 0..<5000 {
            let length = Int.random(in: 0...120, using: &generator)
            let text = String((0..<length).map { _ in alphabet.randomElement(using: &generator) ?? " " })
            _ = CPUModel(cpuinfo: text)
            _ = CPUModel(cpuinfo: "model\t: " + text)
        }
    }

    @Test func theProcessorIsReadOnBothArchitectures() {
        let intel = CPUModel(
            cpuinfo: """
                processor\t: 0
                vendor_id\t: GenuineIntel
                cpu family\t: 6
                model\t\t: 85
                model name\t: Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz
                stepping\t: 7

                processor\t: 1
                model\t\t: 1
                """)
        #expect(intel.vendor == "GenuineIntel" && intel.family == 6 && intel.model == 85 && intel.stepping == 7)
        #expect(intel.name == "Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz")
        let arm = CPUModel(
            cpuinfo: "processor\t: 0\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd0c\n")
        #expect(arm.vendor == "0x41" && arm.part == 0xd0c && arm.name == "Arm Neoverse-N1")
    }
}
