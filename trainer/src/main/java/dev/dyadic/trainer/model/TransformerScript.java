package dev.dyadic.trainer.model;

import java.util.Locale;
import java.util.Map;

/// The transformer in TorchScript: pre-norm RMSNorm, rotary positions, SwiGLU, query/key norm, fused causal attention.
/// Sizes are written into the source. What a step changes in place are its arguments: PyTorch's compiler drops in-place
/// changes of lists that are made inside.
///
/// Logits are made for a few positions at a time, and their gradients are taken at once, so that memory does not grow
/// with positions times vocabulary.
final class TransformerScript {
    static final String CLASS = "Transformer";

    /// Positions whose logits are there at once.
    private static final int OUTPUT_POSITIONS = 1024;

    private static final int BFLOAT16 = 15;

    private static final String SOURCE = """
            class Transformer(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
              _is_full_backward_hook : Optional[bool]
              def low(self: __torch__.Transformer, x: Tensor) -> Tensor:
                return ${low}
              def rotate(self: __torch__.Transformer, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
                halves = torch.chunk(x, 2, -1)
                turned = torch.cat([torch.neg(halves[1]), halves[0]], -1)
                return (self).low(torch.add(torch.mul(x, cos), torch.mul(turned, sin)), )
              def linear(self: __torch__.Transformer, x: Tensor, weight: Tensor) -> Tensor:
                return torch.linear(x, (self).low(weight, ))
              def heads(self: __torch__.Transformer, x: Tensor, weight: Tensor) -> Tensor:
                y = (self).linear(x, weight, )
                return torch.transpose(torch.view(y, [torch.size(x, 0), torch.size(x, 1), ${heads}, ${headSize}]), 1, 2)
              def normed(self: __torch__.Transformer, x: Tensor, weight: Tensor) -> Tensor:
                return torch.rms_norm(torch.to(x, 6), [${headSize}], weight, ${epsilon})
              def mask(self: __torch__.Transformer, inputs: Tensor) -> Optional[Tensor]:
                ends = torch.to(torch.eq(inputs, ${maskAfter}), 4)
                document = torch.sub(torch.cumsum(ends, 1), ends)
                same = torch.eq(torch.unsqueeze(document, 1), torch.unsqueeze(document, 2))
                return torch.unsqueeze(torch.tril(same), 1)
              def hidden(self: __torch__.Transformer, inputs: Tensor, matrices: List[Tensor], scales: List[Tensor]) -> Tensor:
                rows = torch.size(inputs, 0)
                length = torch.size(inputs, 1)
                exponents = torch.div(torch.arange(0, ${headSize}, 2, dtype=6, layout=None, device=ops.prim.device(inputs)), ${headSize}.)
                frequencies = torch.reciprocal(torch.pow(${rotaryBase}, exponents))
                positions = torch.arange(length, dtype=6, layout=None, device=ops.prim.device(inputs))
                angles = torch.outer(positions, frequencies)
                angles0 = torch.cat([angles, angles], -1)
                cos = torch.cos(angles0)
                sin = torch.sin(angles0)
                mask = ${mask}
                h = torch.embedding(matrices[0], inputs)
                for layer in range(${layers}):
                  m = torch.add(torch.mul(layer, 7), 1)
                  s = torch.mul(layer, 4)
                  x = (self).low(torch.rms_norm(h, [${hidden}], scales[s], ${epsilon}), )
                  q = (self).normed((self).heads(x, matrices[m], ), scales[torch.add(s, 1)], )
                  k = (self).normed((self).heads(x, matrices[torch.add(m, 1)], ), scales[torch.add(s, 2)], )
                  v = (self).heads(x, matrices[torch.add(m, 2)], )
                  a = torch.scaled_dot_product_attention((self).rotate(q, cos, sin, ), (self).rotate(k, cos, sin, ), v, mask, 0., ${causal})
                  b = torch.reshape(torch.transpose(a, 1, 2), [rows, length, ${hidden}])
                  h0 = torch.add(h, torch.to((self).linear(b, matrices[torch.add(m, 3)], ), 6))
                  y = (self).low(torch.rms_norm(h0, [${hidden}], scales[torch.add(s, 3)], ${epsilon}), )
                  gate = torch.silu((self).linear(y, matrices[torch.add(m, 4)], ))
                  up = (self).linear(y, matrices[torch.add(m, 5)], )
                  h = torch.add(h0, torch.to((self).linear(torch.mul(gate, up), matrices[torch.add(m, 6)], ), 6))
                return torch.reshape(torch.rms_norm(h, [${hidden}], scales[-1], ${epsilon}), [-1, ${hidden}])
              def inputs(self: __torch__.Transformer, tokens: Tensor) -> Tensor:
                return torch.narrow(tokens, 1, 0, torch.sub(torch.size(tokens, 1), 1))
              def targets(self: __torch__.Transformer, tokens: Tensor) -> Tensor:
                return torch.reshape(torch.narrow(tokens, 1, 1, torch.sub(torch.size(tokens, 1), 1)), [-1])
              def project(self: __torch__.Transformer, z: Tensor, output: Tensor) -> Tensor:
                return torch.to(torch.linear((self).low(z, ), output), 6)
              def losses(self: __torch__.Transformer, z: Tensor, output: Tensor, targets: Tensor) -> Tensor:
                return torch.cross_entropy_loss((self).project(z, output, ), targets, None, 0)
              def rowLosses(self: __torch__.Transformer, parts: List[Tensor], tokens: Tensor) -> Tensor:
                return torch.mean(torch.reshape(torch.cat(parts), [torch.size(tokens, 0), -1]), [1])
              def logits(self: __torch__.Transformer, inputs: Tensor, matrices: List[Tensor], scales: List[Tensor]) -> Tensor:
                z = (self).hidden(inputs, matrices, scales, )
                return torch.detach((self).project(z, (self).low(matrices[${output}], ), ))
              def evaluate(self: __torch__.Transformer, tokens: Tensor, matrices: List[Tensor], scales: List[Tensor]) -> Tensor:
                z = (self).hidden((self).inputs(tokens, ), matrices, scales, )
                targets = (self).targets(tokens, )
                output = (self).low(matrices[${output}], )
                zs = torch.split(z, ${outputPositions}, 0)
                ts = torch.split(targets, ${outputPositions}, 0)
                parts = annotate(List[Tensor], [])
                for i in range(torch.len(zs)):
                  _0 = torch.append(parts, (self).losses(zs[i], output, ts[i], ))
                return torch.detach((self).rowLosses(parts, tokens, ))
              def leaves(self: __torch__.Transformer, weights: List[Tensor]) -> List[Tensor]:
                leaves = annotate(List[Tensor], [])
                for i in range(torch.len(weights)):
                  _0 = torch.append(leaves, torch.requires_grad_(torch.detach(weights[i]), True))
                return leaves
              def backward(self: __torch__.Transformer, tokens: Tensor, matrices: List[Tensor], matrixGradients: List[Tensor], scales: List[Tensor], scaleGradients: List[Tensor], numbers: Tensor) -> Tensor:
                matrixLeaves = (self).leaves(matrices, )
                scaleLeaves = (self).leaves(scales, )
                z = (self).hidden((self).inputs(tokens, ), matrixLeaves, scaleLeaves, )
                targets = (self).targets(tokens, )
                share = torch.div(float(numbers[0]), torch.size(z, 0))
                output = torch.requires_grad_((self).low(torch.detach(matrices[${output}]), ), True)
                outputGradient = torch.zeros_like(matrices[${output}])
                zs = torch.split(torch.detach(z), ${outputPositions}, 0)
                ts = torch.split(targets, ${outputPositions}, 0)
                parts = annotate(List[Tensor], [])
                zGradients = annotate(List[Tensor], [])
                for i in range(torch.len(zs)):
                  part = torch.requires_grad_(torch.detach(zs[i]), True)
                  losses = (self).losses(part, output, ts[i], )
                  found = torch.grad([torch.mul(torch.sum(losses), share)], [part, output], None, None, False, False)
                  _1 = torch.append(zGradients, unchecked_cast(Tensor, found[0]))
                  _2 = torch.add_(outputGradient, unchecked_cast(Tensor, found[1]))
                  _3 = torch.append(parts, torch.detach(losses))
                inner = torch.slice(matrixLeaves, 0, ${innerMatrices}, 1)
                zGradient = annotate(List[Optional[Tensor]], [torch.cat(zGradients)])
                gradients0 = torch.grad([z], torch.add(inner, scaleLeaves), zGradient, None, False, False)
                gradients = annotate(List[Tensor], [])
                for j in range(${innerMatrices}):
                  _4 = torch.append(gradients, unchecked_cast(Tensor, gradients0[j]))
                scaleFound = annotate(List[Tensor], [])
                for j0 in range(torch.len(scales)):
                  _5 = torch.append(scaleFound, unchecked_cast(Tensor, gradients0[torch.add(${innerMatrices}, j0)]))
                ${giveOutputGradient}
                torch._foreach_add_(matrixGradients, gradients)
                torch._foreach_add_(scaleGradients, scaleFound)
                return (self).rowLosses(parts, tokens, )
              def clear(self: __torch__.Transformer, matrixGradients: List[Tensor], scaleGradients: List[Tensor]) -> Tensor:
                torch._foreach_zero_(matrixGradients)
                torch._foreach_zero_(scaleGradients)
                return torch.zeros([1])
              def update(self: __torch__.Transformer, matrices: List[Tensor], matrixGradients: List[Tensor], matrixFirsts: List[Tensor], matrixSeconds: List[Tensor], matrixCounts: List[Tensor], scales: List[Tensor], scaleGradients: List[Tensor], scaleFirsts: List[Tensor], scaleSeconds: List[Tensor], scaleCounts: List[Tensor], numbers: Tensor) -> Tensor:
                rate = float(numbers[0])
                decay = float(numbers[1])
                beta1 = float(numbers[2])
                beta2 = float(numbers[3])
                epsilon = float(numbers[4])
                clip = float(numbers[5])
                norms = torch._foreach_norm(torch.add(matrixGradients, scaleGradients), 2)
                norm = torch.norm(torch.stack(norms), 2)
                scale = torch.clamp(torch.mul(torch.reciprocal(torch.add(norm, 1e-06)), clip), None, 1.)
                none = annotate(List[Tensor], [])
                torch._foreach_mul_(matrixGradients, scale)
                torch._foreach_mul_(scaleGradients, scale)
                torch._foreach_add_(matrixCounts, 1)
                torch._foreach_add_(scaleCounts, 1)
                torch._fused_adamw_(matrices, matrixGradients, matrixFirsts, matrixSeconds, none, matrixCounts, lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False)
                torch._fused_adamw_(scales, scaleGradients, scaleFirsts, scaleSeconds, none, scaleCounts, lr=rate, beta1=beta1, beta2=beta2, weight_decay=0., eps=epsilon, amsgrad=False, maximize=False)
                torch._foreach_zero_(matrixGradients)
                torch._foreach_zero_(scaleGradients)
                return torch.reshape(norm, [1])
            """;

    private TransformerScript() {}

    static String of(ModelConfig config, TransformerOptions options) {
        int inner = 1 + 7 * config.layers();
        boolean masked = options.maskAfter().isPresent();
        Map<String, String> values = Map.ofEntries(
                Map.entry("heads", Integer.toString(config.heads())),
                Map.entry("headSize", Integer.toString(config.headSize())),
                Map.entry("hidden", Integer.toString(config.hidden())),
                Map.entry("layers", Integer.toString(config.layers())),
                Map.entry("rotaryBase", String.format(Locale.ROOT, "%.6f", config.rotaryBase())),
                Map.entry("epsilon", String.format(Locale.ROOT, "%e", ModelConfig.NORM_EPSILON)),
                Map.entry("outputPositions", Integer.toString(OUTPUT_POSITIONS)),
                Map.entry("innerMatrices", Integer.toString(inner)),
                Map.entry("output", config.tied() ? "0" : Integer.toString(inner)),
                Map.entry(
                        "giveOutputGradient",
                        config.tied()
                                ? "_6 = torch.add_(gradients[0], outputGradient)"
                                : "_6 = torch.append(gradients, outputGradient)"),
                Map.entry("low", options.precision() == Precision.BFLOAT16 ? "torch.to(x, " + BFLOAT16 + ")" : "x"),
                Map.entry("mask", masked ? "(self).mask(inputs, )" : "annotate(Optional[Tensor], None)"),
                Map.entry("maskAfter", Integer.toString(options.maskAfter().orElse(0))),
                Map.entry("causal", masked ? "False" : "True"));
        String source = SOURCE;
        for (Map.Entry<String, String> value : values.entrySet()) {
            source = source.replace("${" + value.getKey() + "}", value.getValue());
        }
        return source;
    }
}
