"""Texts -> tokens -> a fine-tuned AWD_LSTM encoder -> features (article, step 1).

tokenizer            splits texts into words, by fastai's rules
tokenizer_processes  the same in several processes
tokens               the words of many texts as arrays
fine_tuning          trains the language model, with
batches              running text as mini-batches
sampled_softmax      a loss over a part of the words, for CPUs
pretrained           fastai's weights of WikiText-103
weights              the files of an encoder
encoder              reads texts with an encoder: features for a classifier's head, with
pooling              which words of a text count, and which texts are read together
slots                many texts at once, at a constant width
precision            float32 or bfloat16, with
speed                what this processor gains
bundled/             the project's own encoder
"""
