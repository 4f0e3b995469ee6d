package dev.dyadic.trainer.model;

import java.util.Locale;
import java.util.Map;

/// The transformer in TorchScript: pre-norm RMSNorm, rotary positions, SwiGLU, query/key norm, fused causal attention,
/// tied
/// embedding. Sizes are written into the source. What a step changes in place are its arguments: PyTorch's compiler
/// drops in-place
/// changes of lists that are made inside.
final class TransformerScript {
    static final String CLASS = "Transformer";

    private static final String SOURCE = """
            class Transformer(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
              _is_full_backward_hook : Optional[bool]
              def rotate(self: __torch__.Transformer, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
                halves = torch.chunk(x, 2, -1)
                turned = torch.cat([torch.neg(halves[1]), halves[0]], -1)
                return torch.add(torch.mul(x, cos), torch.mul(turned, sin))
              def heads(self: __torch__.Transformer, x: Tensor, weight: Tensor) -> Tensor:
                y = torch.linear(x, weight)
                return torch.transpose(torch.view(y, [torch.size(x, 0), torch.size(x, 1), ${heads}, ${headSize}]), 1, 2)
              def loss(self: __torch__.Transformer, tokens: Tensor, matrices: List[Tensor], scales: List[Tensor]) -> Tensor:
                length = torch.sub(torch.size(tokens, 1), 1)
                rows = torch.size(tokens, 0)
                inputs = torch.narrow(tokens, 1, 0, length)
                targets = torch.reshape(torch.narrow(tokens, 1, 1, length), [-1])
                exponents = torch.div(torch.arange(0, ${headSize}, 2, dtype=6), ${headSize}.)
                frequencies = torch.reciprocal(torch.pow(${rotaryBase}, exponents))
                angles = torch.outer(torch.arange(length, dtype=6), frequencies)
                angles0 = torch.cat([angles, angles], -1)
                cos = torch.cos(angles0)
                sin = torch.sin(angles0)
                h = torch.embedding(matrices[0], inputs)
                for layer in range(${layers}):
                  m = torch.add(torch.mul(layer, 7), 1)
                  s = torch.mul(layer, 4)
                  x = torch.rms_norm(h, [${hidden}], scales[s], ${epsilon})
                  q = torch.rms_norm((self).heads(x, matrices[m], ), [${headSize}], scales[torch.add(s, 1)], ${epsilon})
                  k = torch.rms_norm((self).heads(x, matrices[torch.add(m, 1)], ), [${headSize}], scales[torch.add(s, 2)], ${epsilon})
                  v = (self).heads(x, matrices[torch.add(m, 2)], )
                  a = torch.scaled_dot_product_attention((self).rotate(q, cos, sin, ), (self).rotate(k, cos, sin, ), v, None, 0., True)
                  b = torch.reshape(torch.transpose(a, 1, 2), [rows, length, ${hidden}])
                  h0 = torch.add(h, torch.linear(b, matrices[torch.add(m, 3)]))
                  y = torch.rms_norm(h0, [${hidden}], scales[torch.add(s, 3)], ${epsilon})
                  gate = torch.silu(torch.linear(y, matrices[torch.add(m, 4)]))
                  up = torch.linear(y, matrices[torch.add(m, 5)])
                  h = torch.add(h0, torch.linear(torch.mul(gate, up), matrices[torch.add(m, 6)]))
                z = torch.rms_norm(h, [${hidden}], scales[-1], ${epsilon})
                logits = torch.linear(z, matrices[0])
                return torch.cross_entropy_loss(torch.reshape(logits, [-1, ${vocabulary}]), targets)
              def evaluate(self: __torch__.Transformer, tokens: Tensor, matrices: List[Tensor], scales: List[Tensor]) -> Tensor:
                return torch.detach((self).loss(tokens, matrices, scales, ))
              def leaves(self: __torch__.Transformer, weights: List[Tensor]) -> List[Tensor]:
                leaves = annotate(List[Tensor], [])
                for i in range(torch.len(weights)):
                  _0 = torch.append(leaves, torch.requires_grad_(torch.detach(weights[i]), True))
                return leaves
              def backward(self: __torch__.Transformer, tokens: Tensor, matrices: List[Tensor], matrixGradients: List[Tensor], scales: List[Tensor], scaleGradients: List[Tensor], numbers: Tensor) -> Tensor:
                matrixLeaves = (self).leaves(matrices, )
                scaleLeaves = (self).leaves(scales, )
                loss = torch.mul((self).loss(tokens, matrixLeaves, scaleLeaves, ), float(numbers[0]))
                found = torch.grad([loss], torch.add(matrixLeaves, scaleLeaves), None, None, False, False)
                gradients = annotate(List[Tensor], [])
                for j in range(torch.len(found)):
                  _1 = torch.append(gradients, unchecked_cast(Tensor, found[j]))
                count = torch.len(matrices)
                torch._foreach_add_(matrixGradients, torch.slice(gradients, 0, count, 1))
                torch._foreach_add_(scaleGradients, torch.slice(gradients, count, torch.len(gradients), 1))
                return torch.reshape(torch.detach(loss), [1])
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

    static String of(ModelConfig config) {
        Map<String, String> values = Map.of(
                "heads", Integer.toString(config.heads()),
                "headSize", Integer.toString(config.headSize()),
                "hidden", Integer.toString(config.hidden()),
                "layers", Integer.toString(config.layers()),
                "vocabulary", Integer.toString(config.paddedVocabulary()),
                "rotaryBase", String.format(Locale.ROOT, "%.1f", config.rotaryBase()),
                "epsilon", "1e-05");
        String source = SOURCE;
        for (Map.Entry<String, String> value : values.entrySet()) {
            source = source.replace("${" + value.getKey() + "}", value.getValue());
        }
        return source;
    }
}
